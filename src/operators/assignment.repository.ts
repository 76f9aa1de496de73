import { Injectable } from '@nestjs/common';
import { PrismaService } from '../prisma/prisma.service.js';
import { Prisma } from '../prisma/generated/client.js';
import { heldBy } from './support-chat-rows.js';

/** Who gets which waiting chat. */
@Injectable()
export class AssignmentRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** The chat that is next, with its conversation locked; those that somebody moves right now are passed over. */
  async nextWaiting(): Promise<string | null> {
    const [row] = await this.prisma.db.$queryRaw<{ id: string }[]>`
      SELECT s.id FROM support_chats s JOIN conversations c ON c.id = s.id
      WHERE s.status = 'waiting'
      ORDER BY s.priority DESC, s.waiting_since, s.id LIMIT 1 FOR UPDATE OF c SKIP LOCKED`;
    return row?.id ?? null;
  }

  /** The least loaded operator who is online and can hold another one, with their row locked; of equals, who was given one longest ago. */
  async leastLoaded(): Promise<string | null> {
    const held = heldBy(Prisma.sql`p.user_id`);
    const [row] = await this.prisma.db.$queryRaw<{ id: string }[]>`
      SELECT p.user_id AS id FROM operator_profiles p JOIN users u ON u.id = p.user_id
      WHERE p.status = 'online' AND u.role <> 'user' AND u.is_active AND u.erased_at IS NULL AND ${held} < p.max_chats
      ORDER BY ${held}, p.last_assigned_at NULLS FIRST, p.user_id LIMIT 1 FOR UPDATE OF p SKIP LOCKED`;
    return row?.id ?? null;
  }

  async noteAssigned(operatorId: string): Promise<void> {
    await this.prisma.db.$executeRaw`
      UPDATE operator_profiles SET last_assigned_at = clock_timestamp() WHERE user_id = ${operatorId}::uuid`;
  }
}
