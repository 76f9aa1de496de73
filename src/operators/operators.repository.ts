import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import type { OperatorStatus } from '../events/domain-events.js';
import { Prisma } from '../prisma/generated/client.js';
import { PrismaService } from '../prisma/prisma.service.js';
import type { OperatorRecord } from './operator.js';
import { heldBy } from './support-chat-rows.js';

const operators = (maxChats: number): Prisma.Sql => Prisma.sql`
  SELECT u.id, u.email, u.name, u.first_name AS "firstName", u.last_name AS "lastName", u.username, u.role::text AS role,
         u.is_active AS "isActive", coalesce(p.status::text, 'offline') AS status, coalesce(p.max_chats, ${maxChats}) AS "maxChats",
         ${heldBy(Prisma.sql`u.id`)} AS "activeChats", p.last_activity_at AS "lastActivityAt", u.created_at AS "createdAt"
  FROM users u LEFT JOIN operator_profiles p ON p.user_id = u.id
  WHERE u.role <> 'user' AND u.erased_at IS NULL`;

/** Who works at the desk. */
@Injectable()
export class OperatorsRepository {
  constructor(
    private readonly prisma: PrismaService,
    private readonly config: AppConfig,
  ) {}

  list(): Promise<OperatorRecord[]> {
    return this.prisma.db.$queryRaw<OperatorRecord[]>`${this.operators} ORDER BY u.id LIMIT 1000`;
  }

  async find(id: string): Promise<OperatorRecord | null> {
    const [row] = await this.prisma.db.$queryRaw<OperatorRecord[]>`${this.operators} AND u.id = ${id}::uuid`;
    return row ?? null;
  }

  /** Makes the profile of an operator, unless there is one. */
  async ensure(userId: string, maxChats?: number): Promise<void> {
    await this.prisma.db.$executeRaw`
      INSERT INTO operator_profiles (user_id, max_chats) VALUES (${userId}::uuid, ${maxChats ?? this.config.env.OPERATOR_MAX_CHATS}) ON CONFLICT DO NOTHING`;
  }

  /** Locks an active operator until the unit of work ends; false when there is none like that. */
  async lock(userId: string): Promise<boolean> {
    await this.ensure(userId);
    const rows = await this.prisma.db.$queryRaw<unknown[]>`
      SELECT 1 AS found FROM operator_profiles p JOIN users u ON u.id = p.user_id
      WHERE p.user_id = ${userId}::uuid AND u.role <> 'user' AND u.is_active AND u.erased_at IS NULL FOR UPDATE OF p`;
    return rows.length > 0;
  }

  /** Whether the status is another one now. */
  async setProfile(
    userId: string,
    { status, maxChats }: { status?: OperatorStatus; maxChats?: number },
  ): Promise<{ isStatusNew: boolean }> {
    const columns = [Prisma.sql`user_id = p.user_id`];
    if (status !== undefined) columns.push(Prisma.sql`status = ${status}::"OperatorStatus", is_absent = false`);
    if (maxChats !== undefined) columns.push(Prisma.sql`max_chats = ${maxChats}`);
    const [row] = await this.prisma.db.$queryRaw<{ isStatusNew: boolean }[]>`
      UPDATE operator_profiles p SET ${Prisma.join(columns)}
      FROM (SELECT user_id, status FROM operator_profiles WHERE user_id = ${userId}::uuid FOR UPDATE) former
      WHERE p.user_id = former.user_id RETURNING p.status <> former.status AS "isStatusNew"`;
    return row ?? { isStatusNew: false };
  }

  private get operators(): Prisma.Sql {
    return operators(this.config.env.OPERATOR_MAX_CHATS);
  }

  /** Noted at most every few seconds, so that a busy operator costs one small write now and then. */
  async touch(userId: string): Promise<void> {
    await this.prisma.db.$executeRaw`
      UPDATE operator_profiles SET last_activity_at = now()
      WHERE user_id = ${userId}::uuid AND (last_activity_at IS NULL OR last_activity_at < now() - interval '5 seconds')`;
  }
}
