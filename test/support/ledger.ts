import pg from 'pg';

/** One acknowledged send, as the client was told. */
export interface Acknowledged {
  conversationId: string;
  messageId: string;
  seq: number;
  clientMessageId: string | null;
}

export interface LedgerFigures {
  acked: number;
  persisted: number;
  /** Acknowledged messages times receivers that have them. */
  delivered: number;
  /** Acknowledged, but absent from the database or from a receiver. */
  lost: number;
  /** One client message id stored more than once, or one place seen twice by a receiver. */
  dup: number;
  /** A receiver got a place before a lower one of the same conversation. */
  inversions: number;
}

/** The books of an experiment: what clients were promised, what is stored, and what each receiver saw. */
export class Ledger {
  readonly acked: Acknowledged[] = [];
  /** By receiver, in the order of arrival. */
  private readonly seen = new Map<string, { conversationId: string; seq: number }[]>();
  private readonly audiences = new Map<string, Set<string>>();

  ack(acknowledged: Acknowledged): void {
    this.acked.push(acknowledged);
  }

  /** Whoever is named here is to get every acknowledged message of the conversation. */
  receiver(name: string, conversationId: string): void {
    if (!this.seen.has(name)) this.seen.set(name, []);
    this.audiences.set(conversationId, (this.audiences.get(conversationId) ?? new Set()).add(name));
  }

  see(receiver: string, conversationId: string, seq: number): void {
    this.receiver(receiver, conversationId);
    this.seen.get(receiver)!.push({ conversationId, seq });
  }

  /** Balances the books against the database behind `url`. */
  async balance(url: string): Promise<LedgerFigures> {
    const promised = new Map(this.acked.map((ack) => [ack.messageId, ack]));
    const rows = await readMessages(url, [...new Set(this.acked.map(({ conversationId }) => conversationId))]);
    const stored = new Map(rows.map((row) => [row.id, row]));
    const figures: LedgerFigures = { acked: promised.size, persisted: 0, delivered: 0, lost: 0, dup: 0, inversions: 0 };
    for (const ack of promised.values()) {
      if (stored.get(ack.messageId)?.seq === ack.seq) figures.persisted++;
      else figures.lost++;
    }
    const keys = rows
      .filter(({ clientMessageId }) => clientMessageId !== null)
      .map(({ conversationId, clientMessageId }) => `${conversationId} ${clientMessageId}`);
    figures.dup += keys.length - new Set(keys).size;
    for (const [name, events] of this.seen) {
      const places = new Set<string>();
      const last = new Map<string, number>();
      for (const { conversationId, seq } of events) {
        const place = `${conversationId} ${seq}`;
        if (places.has(place)) figures.dup++;
        places.add(place);
        if (seq < (last.get(conversationId) ?? 0)) figures.inversions++;
        last.set(conversationId, seq);
      }
      for (const { conversationId, seq } of promised.values()) {
        if (!this.audiences.get(conversationId)?.has(name)) continue;
        if (places.has(`${conversationId} ${seq}`)) figures.delivered++;
        else figures.lost++;
      }
    }
    return figures;
  }
}

/** One line for the log. */
export function inWords(figures: object): string {
  return Object.entries(figures)
    .map(([name, figure]) => `${name} ${typeof figure === 'number' ? Math.round(figure * 100) / 100 : String(figure)}`)
    .join(', ');
}

interface StoredMessage {
  id: string;
  conversationId: string;
  seq: number;
  clientMessageId: string | null;
}

async function readMessages(url: string, conversationIds: readonly string[]): Promise<StoredMessage[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<StoredMessage>(
      `SELECT id, conversation_id AS "conversationId", seq, client_message_id AS "clientMessageId"
       FROM messages WHERE conversation_id = ANY ($1::uuid[])`,
      [conversationIds],
    );
    return rows;
  } finally {
    await client.end();
  }
}
