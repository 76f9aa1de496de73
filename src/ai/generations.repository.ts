import { Injectable } from '@nestjs/common';
import type { ConversationKind } from '../events/domain-events.js';
import { Prisma } from '../prisma/generated/client.js';
import { PrismaService } from '../prisma/prisma.service.js';

export interface GenerationEnd {
  state: 'complete' | 'stopped' | 'interrupted' | 'failed';
  errorCode: string | null;
  promptTokens: number;
  completionTokens: number;
  usageKind: 'exact' | 'estimated';
}

/** A run as the database knows it. */
export interface GenerationRow {
  id: string;
  conversationId: string;
  messageId: string;
  requestedById: string | null;
  /** Who writes it. */
  nodeId: string;
  provider: string;
  model: string;
  attempt: number;
  /** The checkpoint. */
  text: string;
}

/** The checkpoint of a running answer. */
export interface SavedText {
  conversationId: string;
  kind: ConversationKind;
  messageId: string;
  /** The place of its message. */
  seq: number;
  text: string;
}

/** Runs of the assistant, their leases (database clock) and checkpoints, and the usage ledger. */
@Injectable()
export class GenerationsRepository {
  constructor(private readonly prisma: PrismaService) {}

  async recordUsage(
    run: Pick<GenerationRow, 'id' | 'conversationId' | 'provider' | 'model'> & { userId: string },
    end: GenerationEnd,
  ): Promise<void> {
    await this.prisma.db.$executeRaw`
      /* prepared: record-usage */
      INSERT INTO usage_entries (id, user_id, conversation_id, provider, model, prompt_tokens, completion_tokens, kind, created_at)
      VALUES (${run.id}::uuid, ${run.userId}::uuid, ${run.conversationId}::uuid, ${run.provider}, ${run.model},
              ${end.promptTokens}, ${end.completionTokens}, ${end.usageKind}::"UsageKind", clock_timestamp())`;
  }

  /**
   * Saves by how much texts have grown, each from its first `from` characters on, in one statement; a `leaseMs` prolongs the
   * leases as well. Returns the ids of the runs that still run on this node.
   */
  async checkpoint(
    runs: readonly { id: string; from: number; piece: string | null }[],
    nodeId: string,
    leaseMs: number | null,
  ): Promise<Set<string>> {
    const column = <K extends 'id' | 'from' | 'piece'>(key: K) => runs.map((run) => run[key]);
    const rows = await this.prisma.rows<{ id: string }>(Prisma.sql`
      /* prepared: checkpoint */
      UPDATE generations g
      SET text = CASE WHEN t.piece IS NULL THEN g.text ELSE left(g.text, t.kept) || t.piece END,
          lease_until = coalesce(now() + ${leaseMs}::int * interval '1 millisecond', g.lease_until)
      FROM unnest(${column('id')}::uuid[], ${column('from')}::int[], ${column('piece')}::text[]) AS t (id, kept, piece)
      WHERE g.id = t.id AND g.state = 'running' AND g.node_id = ${nodeId}
      RETURNING g.id`);
    return new Set(rows.map((row) => row.id));
  }

  /** Takes over a run whose lease ran out. Returns whether this node was the first to. */
  async adopt(id: string, nodeId: string, leaseMs: number): Promise<boolean> {
    const count = await this.prisma.db.$executeRaw`
      UPDATE generations
      SET node_id = ${nodeId}, text = '', lease_until = now() + ${leaseMs} * interval '1 millisecond', attempt = attempt + 1
      WHERE id = ${id}::uuid AND state = 'running' AND lease_until < now()`;
    return count === 1;
  }

  /** Runs whose lease ran out, but not the ones that this node knows to be alive. */
  async expired(alive: readonly string[], limit: number): Promise<(GenerationRow & { kind: ConversationKind })[]> {
    return this.prisma.db.$queryRaw<(GenerationRow & { kind: ConversationKind })[]>`
      SELECT id, conversation_id AS "conversationId", message_id AS "messageId", requested_by_id AS "requestedById",
             node_id AS "nodeId", provider, model, attempt, text,
             (SELECT kind::text FROM conversations WHERE id = conversation_id) AS kind
      FROM generations
      WHERE state = 'running' AND lease_until < now() AND id <> ALL (${[...alive]}::uuid[])
      ORDER BY lease_until LIMIT ${limit}`;
  }

  async findRunning(conversationId: string): Promise<GenerationRow | null> {
    const [row] = await this.prisma.db.$queryRaw<GenerationRow[]>`
      /* prepared: running-generation */
      SELECT id, conversation_id AS "conversationId", message_id AS "messageId", requested_by_id AS "requestedById",
             node_id AS "nodeId", provider, model, attempt, text
      FROM generations WHERE conversation_id = ${conversationId}::uuid AND state = 'running' LIMIT 1`;
    return row ?? null;
  }

  /** What other nodes are writing in these conversations, as far as it was saved. */
  async textsElsewhere(nodeId: string, conversationIds: readonly string[]): Promise<SavedText[]> {
    return this.prisma.db.$queryRaw<SavedText[]>`
      SELECT g.conversation_id AS "conversationId", c.kind::text AS kind, g.message_id AS "messageId", m.seq, g.text
      FROM generations g JOIN messages m ON m.id = g.message_id JOIN conversations c ON c.id = g.conversation_id
      WHERE g.state = 'running' AND g.node_id <> ${nodeId} AND g.conversation_id = ANY (${[...conversationIds]}::uuid[])`;
  }

  /** Conversations that have been owed an answer for longer than `graceMs`; not rooms where another one is under way, which it waits for. */
  async overdue(graceMs: number, limit: number): Promise<string[]> {
    const rows = await this.prisma.db.$queryRaw<{ id: string }[]>`
      SELECT id FROM conversations c
      WHERE NOT (kind = 'room' AND EXISTS (SELECT FROM generations g WHERE g.conversation_id = c.id AND g.state = 'running'))
        AND answer_due_seq IS NOT NULL AND answer_due_at < now() - ${graceMs} * interval '1 millisecond'
      ORDER BY answer_due_at LIMIT ${limit}`;
    return rows.map((row) => row.id);
  }
}
