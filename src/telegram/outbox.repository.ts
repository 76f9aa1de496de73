import { Injectable } from '@nestjs/common';
import { PrismaService } from '../prisma/prisma.service.js';
import type { MessageButton } from './buttons.js';
import type { FormattedText, TextEntity } from './formatted-text.js';

export type OutgoingState = 'queued' | 'sending' | 'sent' | 'failed' | 'unknown';

/** The message of a conversation that leaves next. */
export interface OutgoingHead {
  id: string;
  messageId: string;
  part: number;
  text: string;
  entities: TextEntity[];
  buttons: MessageButton[] | null;
  /** As it was found: `sending` is what somebody else began and never ended. */
  state: 'queued' | 'sending';
  attempts: number;
  repeats: number;
  /** Still to wait, in ms. */
  waitMs: number;
  /** In seconds. */
  age: number;
  chatId: number;
  isBlocked: boolean;
  /** The message that showed it while it was written. */
  previewId: number | null;
}

/** Messages on their way to Telegram. */
@Injectable()
export class OutboxRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** Puts the parts of a message at the end of its conversation's queue, once. */
  async enqueue(
    conversationId: string,
    messageId: string,
    parts: readonly FormattedText[],
    buttons: readonly MessageButton[],
  ): Promise<void> {
    const last = parts.length - 1;
    await this.prisma.db.$executeRaw`
      INSERT INTO telegram_outgoing (conversation_id, message_id, part, text, entities, buttons)
      SELECT ${conversationId}::uuid, ${messageId}::uuid, place - 1, text, entities::jsonb,
             CASE WHEN place - 1 = ${last} THEN ${buttons.length > 0 ? JSON.stringify(buttons) : null}::jsonb END
      FROM unnest(${parts.map(({ text }) => text)}::text[],
                  ${parts.map(({ entities }) => JSON.stringify(entities))}::text[])
        WITH ORDINALITY AS t (text, entities, place)
      ORDER BY place
      ON CONFLICT (message_id, part) DO NOTHING`;
  }

  /**
   * Claims what leaves next in a conversation: from now on it counts as `sending`, and only `claimId` may say how that went.
   * One that has to wait yet is shown, not claimed. Null: nothing is left.
   */
  async claim(conversationId: string, claimId: string): Promise<OutgoingHead | null> {
    const [row] = await this.prisma.db.$queryRaw<OutgoingHead[]>`
      WITH head AS (
        SELECT id, state, repeats, attempts,
               greatest(0, coalesce(extract(epoch FROM not_before - clock_timestamp()) * 1000, 0))::float8 AS wait
        FROM telegram_outgoing WHERE conversation_id = ${conversationId}::uuid AND ended_at IS NULL
        ORDER BY id LIMIT 1 FOR UPDATE
      ), claimed AS (
        UPDATE telegram_outgoing o SET state = 'sending', claim_id = ${claimId}::uuid, attempts = o.attempts + 1, not_before = NULL
        FROM head WHERE o.id = head.id AND head.wait = 0
      )
      SELECT o.id::text AS id, o.message_id AS "messageId", o.part, o.text, o.entities, o.buttons, head.state::text AS state,
             head.attempts, head.repeats, head.wait AS "waitMs",
             extract(epoch FROM clock_timestamp() - o.created_at)::float8 AS age,
             customer.telegram_chat_id::float8 AS "chatId", customer.is_blocked AS "isBlocked",
             p.telegram_message_id::float8 AS "previewId"
      FROM head JOIN telegram_outgoing o ON o.id = head.id
      JOIN support_chats chat ON chat.id = o.conversation_id JOIN customers customer ON customer.id = chat.customer_id
      LEFT JOIN telegram_previews p ON p.message_id = o.message_id AND o.part = 0`;
    return row ?? null;
  }

  /** The result of the former attempt will never be known: this one repeats it. */
  async countRepeat(id: string, claimId: string): Promise<boolean> {
    const count = await this.prisma.db.$executeRaw`
      UPDATE telegram_outgoing SET repeats = repeats + 1 WHERE id = ${id}::bigint AND claim_id = ${claimId}::uuid`;
    return count === 1;
  }

  /** Gives a claim back, to be taken up again in `waitMs`. `isUnknown`: it may have been sent. */
  async postpone(
    id: string,
    claimId: string,
    waitMs: number,
    { isUnknown, error }: { isUnknown: boolean; error: string },
  ): Promise<void> {
    await this.prisma.db.$executeRaw`
      UPDATE telegram_outgoing
      SET state = ${isUnknown ? 'sending' : 'queued'}::"OutgoingState", claim_id = NULL, error = ${error},
          not_before = clock_timestamp() + ${waitMs} * interval '1 millisecond'
      WHERE id = ${id}::bigint AND claim_id = ${claimId}::uuid`;
  }

  /** The text will be sent without its entities. */
  async dropEntities(id: string, claimId: string): Promise<void> {
    await this.prisma.db.$executeRaw`
      UPDATE telegram_outgoing SET entities = '[]', state = 'queued', claim_id = NULL
      WHERE id = ${id}::bigint AND claim_id = ${claimId}::uuid`;
  }

  /** Ends a message; false when the claim is not the current one any more. */
  async end(
    id: string,
    claimId: string,
    end: { state: 'sent' | 'failed' | 'unknown'; telegramMessageId?: number; error?: string },
  ): Promise<boolean> {
    const count = await this.prisma.db.$executeRaw`
      UPDATE telegram_outgoing
      SET state = ${end.state}::"OutgoingState", claim_id = NULL, ended_at = clock_timestamp(), error = ${end.error ?? null},
          telegram_message_id = ${end.telegramMessageId ?? null}::bigint
      WHERE id = ${id}::bigint AND claim_id = ${claimId}::uuid`;
    return count === 1;
  }

  /** Ends everything that still waits in a conversation as failed; returns the messages that this concerned. */
  async failRest(conversationId: string, error: string): Promise<string[]> {
    const rows = await this.prisma.db.$queryRaw<{ messageId: string }[]>`
      UPDATE telegram_outgoing SET state = 'failed', claim_id = NULL, ended_at = clock_timestamp(), error = ${error}
      WHERE conversation_id = ${conversationId}::uuid AND ended_at IS NULL RETURNING message_id AS "messageId"`;
    return [...new Set(rows.map(({ messageId }) => messageId))];
  }

  /** The states of all parts of a message. */
  async statesOf(messageId: string): Promise<OutgoingState[]> {
    const rows = await this.prisma.db.telegramOutgoing.findMany({ where: { messageId }, select: { state: true } });
    return rows.map(({ state }) => state);
  }

  /** Conversations in which something could have left `idleMs` ago and did not. */
  async stalled(idleMs: number, limit: number): Promise<string[]> {
    const rows = await this.prisma.db.$queryRaw<{ conversationId: string }[]>`
      SELECT DISTINCT conversation_id AS "conversationId" FROM telegram_outgoing
      WHERE ended_at IS NULL AND coalesce(not_before, created_at) < clock_timestamp() - ${idleMs} * interval '1 millisecond'
      LIMIT ${limit}`;
    return rows.map(({ conversationId }) => conversationId);
  }

  /** How many messages wait, and since when the oldest of them does. */
  async backlog(): Promise<{ waiting: number; oldestMs: number }> {
    const [row] = await this.prisma.db.$queryRaw<{ waiting: number; oldestMs: number }[]>`
      SELECT count(*)::int AS waiting,
             coalesce(extract(epoch FROM clock_timestamp() - min(created_at)) * 1000, 0)::float8 AS "oldestMs"
      FROM telegram_outgoing WHERE ended_at IS NULL`;
    return row ?? { waiting: 0, oldestMs: 0 };
  }

  async savePreview(messageId: string, telegramMessageId: number): Promise<void> {
    await this.prisma.db.telegramPreview.create({ data: { messageId, telegramMessageId: BigInt(telegramMessageId) } });
  }

  async dropPreview(messageId: string): Promise<void> {
    await this.prisma.db.telegramPreview.deleteMany({ where: { messageId } });
  }
}
