import type { ConversationKind, MessageRole } from '../events/domain-events.js';
import type { ModelTurn, ProviderName } from './providers/ai-provider.js';

export interface AnswerPlan {
  generationId: string;
  conversationId: string;
  kind: ConversationKind;
  messageId: string;
  /** The message that is answered. */
  questionId: string | null;
  /** The place of the assistant's message; what came before it is its history. */
  seq: number;
  userId: string | null;
  provider: ProviderName;
  model: string;
  systemPrompt: string;
  /** Of a session: it needs no title. */
  hasTitle: boolean;
  /** What was said before it, as it was when it began, oldest first; null where that is to be read. */
  history: readonly { role: MessageRole; content: string }[] | null;
  attempt: number;
}

/** Why a run is ended from outside. */
export type StopReason = 'stopped' | 'superseded' | 'silenced' | 'deleted' | 'shutdown' | 'lost';

export class AnswerStopped extends Error {
  constructor(readonly reason: StopReason) {
    super(`The answer was ended: ${reason}`);
    this.name = 'AnswerStopped';
  }
}

export interface DeltaSink {
  (delta: string, offset: number): void;
}

/**
 * One answer while it is written on this node. The first piece of text leaves at once; later ones are joined for as long
 * as `joinWindowMs` says (0: for one turn of the event loop).
 */
export class AnswerRun {
  /** The text so far; always well-formed Unicode without NUL, so that it is stored exactly as it was shown. */
  content = '';
  turns: readonly ModelTurn[] = [];
  readonly startedAt = performance.now();
  firstDeltaAt: number | null = null;
  /** How much of `content` the last checkpoint held: UTF-16 units, and characters as the database counts them. */
  saved = { length: 0, characters: 0 };
  /** Resolves when the end of the run is stored, or nobody needs it any more. */
  readonly ended: Promise<void>;
  markEnded!: () => void;

  private readonly abort = new AbortController();
  private sentLength = 0;
  private heldSurrogate = '';
  private timer: NodeJS.Timeout | NodeJS.Immediate | null = null;

  constructor(
    readonly plan: AnswerPlan,
    private readonly sink: DeltaSink,
    private readonly joinWindowMs: () => number,
  ) {
    this.ended = new Promise((resolve) => (this.markEnded = resolve));
  }

  get messageId(): string {
    return this.plan.messageId;
  }

  get seq(): number {
    return this.plan.seq;
  }

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /** What was said before it, if its beginning brought that along; given once, so that it is not held while the answer waits. */
  takeHistory(): AnswerPlan['history'] {
    const { history } = this.plan;
    this.plan.history = null;
    return history;
  }

  /** Takes a piece of text from the model. */
  push(piece: string): void {
    if (this.signal.aborted) return;
    const text = this.wellFormed(piece);
    if (text === '') return;
    this.content += text;
    if (this.firstDeltaAt === null) {
      this.firstDeltaAt = performance.now();
      this.flush();
    } else if (this.timer === null) {
      const wait = this.joinWindowMs();
      this.timer = wait === 0 ? setImmediate(() => this.flush()) : setTimeout(() => this.flush(), wait);
    }
  }

  /** Sends what was not sent yet. */
  flush(): void {
    if (this.timer !== null) {
      clearTimeout(this.timer as NodeJS.Timeout);
      clearImmediate(this.timer as NodeJS.Immediate);
      this.timer = null;
    }
    if (this.content.length === this.sentLength || this.isMute) return;
    const offset = this.sentLength;
    this.sentLength = this.content.length;
    this.sink(this.content.slice(offset), offset);
  }

  /** Ends the run from outside: the provider sees its connection close. The first reason counts. */
  stop(reason: StopReason): void {
    if (!this.signal.aborted) this.abort.abort(new AnswerStopped(reason));
  }

  /** Nobody is told more of a text that was deleted, or whose end is stored already. */
  private get isMute(): boolean {
    const reason: unknown = this.signal.reason;
    return reason instanceof AnswerStopped && (reason.reason === 'deleted' || reason.reason === 'silenced');
  }

  /** Providers cut their pieces anywhere, between the halves of an emoji too: a lone first half waits for the second. */
  private wellFormed(piece: string): string {
    let text = this.heldSurrogate + (piece.includes('\0') ? piece.replaceAll('\0', '') : piece);
    this.heldSurrogate = '';
    const last = text.charCodeAt(text.length - 1);
    if (last >= 0xd800 && last <= 0xdbff) {
      this.heldSurrogate = text.slice(-1);
      text = text.slice(0, -1);
    }
    return text.toWellFormed();
  }
}
