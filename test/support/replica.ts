import { createHash } from 'node:crypto';
import type { MessageResponse } from '../../src/messages/dto/message.response.dto.js';

/** What `sync` answers and what a `join` is acknowledged with. */
export interface SnapshotPage {
  head: number;
  messages: MessageResponse[];
  more?: boolean;
  reset?: boolean;
  streaming?: { messageId: string; content: string };
}

/** Everything a replica saw that must never happen; `holes` and `jumps` are allowed where the reader then asks again. */
export interface ReplicaFaults {
  /** A change that the replica had already was told as news. */
  dup: number;
  /** An older state of a message came after a newer one. */
  inversions: number;
  /** Numbers were left out between two live events. */
  jumps: number;
  /** A piece of text began beyond the end of the text. */
  holes: number;
  /** A piece of text came for a message that was whole. */
  late: number;
  /** A stored text is not what was shown while it was written (by SHA-256). */
  mismatches: number;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/**
 * What a client knows of one session when it applies what it is told, to the letter: a message replaces the one with its
 * id, a piece of text goes to its offset. Fed by any wire.
 */
export class Replica {
  readonly messages = new Map<string, MessageResponse>();
  readonly faults: ReplicaFaults = { dup: 0, inversions: 0, jumps: 0, holes: 0, late: 0, mismatches: 0 };
  /** Every number up to this one is known. */
  cursor = 0;
  resets = 0;
  /** Texts that were followed to their end and compared with what was stored. */
  compared = 0;
  private isCatchingUp = false;
  private newestLive = 0;

  /** What an SSE client would send as `since`, wherever it was fed from. */
  get position(): string {
    const running = [...this.messages.values()].findLast(({ status }) => status === 'streaming');
    return `${this.cursor}.${running?.content.length ?? 0}`;
  }

  /** Something is being written, as far as this replica knows. */
  get isStreaming(): boolean {
    return [...this.messages.values()].some(({ status }) => status === 'streaming');
  }

  /** What `join` or `sync` answered to a question about what came after `since`. Returns whether to ask for more. */
  page(page: SnapshotPage, since: number): boolean {
    if (page.reset) this.forget();
    for (const message of page.messages) {
      if (message.changeSeq <= (page.reset ? 0 : since)) this.faults.dup++;
      const known = this.messages.get(message.id);
      // Live events may have overtaken a page that was asked for while they came.
      if (!known || message.changeSeq >= known.changeSeq) this.put(message);
    }
    if (page.streaming) this.text(page.streaming.messageId, page.streaming.content, 0);
    this.isCatchingUp = page.more === true;
    if (this.isCatchingUp) this.cursor = page.messages.at(-1)?.changeSeq ?? this.cursor;
    else this.cursor = Math.max(page.head, this.newestLive);
    return this.isCatchingUp;
  }

  /** A live event. `seq` is what the wire says the event brings its reader to (SSE); else the change's number counts. */
  event(name: string, payload: Record<string, unknown>, seq?: number): void {
    if (name === 'reset') return this.forget();
    if (name === 'message:stream') {
      this.text(payload['messageId'] as string, payload['delta'] as string, payload['offset'] as number);
    } else if (name === 'message:new' || name === 'message:update') {
      const message = payload as unknown as MessageResponse;
      this.number(seq ?? message.changeSeq, seq === undefined);
      const known = this.messages.get(message.id);
      if (known && known.changeSeq > message.changeSeq) this.faults.inversions++;
      this.put(message);
    }
  }

  /** A new connection begins: what it tells is judged by the cursor that it was opened with. */
  reconnected(): void {
    this.isCatchingUp = false;
    this.newestLive = 0;
  }

  /** By place, as a fresh read gives them. */
  list(): MessageResponse[] {
    return [...this.messages.values()].sort((a, b) => a.seq - b.seq);
  }

  private forget(): void {
    this.messages.clear();
    this.cursor = 0;
    this.newestLive = 0;
    this.resets++;
  }

  private number(seq: number, isEveryOneTold: boolean): void {
    this.newestLive = Math.max(this.newestLive, seq);
    if (this.isCatchingUp) return;
    if (seq <= this.cursor) this.faults.dup++;
    else if (isEveryOneTold && seq > this.cursor + 1) this.faults.jumps++;
    this.cursor = Math.max(this.cursor, seq);
  }

  private put(message: MessageResponse): void {
    const shown = this.messages.get(message.id);
    if (shown?.status === 'streaming' && message.deletedAt === undefined) {
      // Nothing that was shown is taken back; whoever saw it all saw what is stored.
      if (!message.content.startsWith(shown.content) && message.status !== 'streaming') this.faults.mismatches++;
      else if (sha256(message.content) === sha256(shown.content) && message.status !== 'streaming') this.compared++;
    }
    this.messages.set(message.id, { ...message });
  }

  private text(messageId: string, piece: string, offset: number): void {
    const message = this.messages.get(messageId);
    if (!message || offset > message.content.length) {
      this.faults.holes++;
      return;
    }
    if (message.status !== 'streaming') this.faults.late++;
    message.content = message.content.slice(0, offset) + piece;
  }
}
