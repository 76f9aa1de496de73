import { Injectable } from '@nestjs/common';
import { PrismaService } from '../../prisma/prisma.service.js';

type Hash = Uint8Array<ArrayBuffer>;

export interface RedeemedTicket {
  userId: string;
  signInId: string;
  /** The end of the access token that it was exchanged for. */
  actorUntil: Date;
}

@Injectable()
export class TicketsRepository {
  constructor(private readonly prisma: PrismaService) {}

  async add(ticketHash: Hash, ticket: RedeemedTicket, lifeSeconds: number): Promise<void> {
    const { userId, signInId, actorUntil } = ticket;
    await this.prisma.db.$executeRaw`
      INSERT INTO stream_tickets (ticket_hash, user_id, family_id, actor_until, expires_at)
      VALUES (${ticketHash}, ${userId}::uuid, ${signInId}::uuid, ${actorUntil},
              clock_timestamp() + make_interval(secs => ${lifeSeconds}::float8))`;
  }

  /** Takes the ticket out; of two who show it at once, one gets it. */
  async take(ticketHash: Hash): Promise<RedeemedTicket | null> {
    const [row] = await this.prisma.db.$queryRaw<(RedeemedTicket & { isAlive: boolean })[]>`
      DELETE FROM stream_tickets WHERE ticket_hash = ${ticketHash}
      RETURNING user_id AS "userId", family_id AS "signInId", actor_until AS "actorUntil",
                expires_at > clock_timestamp() AS "isAlive"`;
    if (!row?.isAlive) return null;
    const { isAlive: _, ...ticket } = row;
    return ticket;
  }
}
