import { Injectable, Logger } from '@nestjs/common';
import { BoundedMap } from '../common/limits/bounded-map.js';
import { AppConfig } from '../config/app-config.js';
import { DomainEventBus } from '../events/domain-event-bus.js';
import type { DomainEvents } from '../events/domain-events.js';
import { OnDomainEvent } from '../events/on-domain-event.js';
import { RunningTexts, type RunningText } from '../messages/running-texts.js';
import { GenerationsRepository, type SavedText } from './generations.repository.js';

type Delta = DomainEvents['answer.delta'];

interface DistantText extends RunningText {
  content: string;
  readonly conversationId: string;
  readonly kind: Delta['kind'];
  /** Pieces that came before the text in front of them. */
  waiting: Delta[];
}

/** How often the text in front of a piece is looked for: checkpoints are at most this old and a little more. */
const RETRY_MS = 250;
/** Pieces that wait for more than this are given up: the end of the answer brings the whole text. */
const MOST_WAITING = 2_000;
const MOST_OVER = 5_000;

/**
 * The texts that other nodes are writing: put together from the pieces that they tell and, where pieces are missing, from
 * their checkpoints in the database. What is told on has no hole.
 */
@Injectable()
export class DistantTexts {
  private readonly logger = new Logger(DistantTexts.name);
  private readonly byConversation = new Map<string, DistantText>();
  /** What is still told or read of them comes late. */
  private readonly over = new BoundedMap<string, true>(MOST_OVER);
  private readonly repairs = new Map<string, NodeJS.Timeout>();
  private readonly readers: ((delta: Delta) => void)[] = [];

  constructor(
    private readonly config: AppConfig,
    private readonly generations: GenerationsRepository,
    private readonly texts: RunningTexts,
    private readonly events: DomainEventBus,
  ) {}

  /** `tell` gets every text of other nodes, piece by piece and without a hole. */
  onText(tell: (delta: Delta) => void): void {
    this.readers.push(tell);
  }

  /** Makes known what is being written elsewhere in a conversation; for who begins to read it. Costs nothing on a lone node. */
  async prepare(conversationId: string): Promise<void> {
    if (!this.events.isShared) return;
    const known = this.byConversation.get(conversationId);
    if (known && known.waiting.length === 0 && this.events.hearsOthers) return;
    await this.refresh([conversationId]);
  }

  /** A run of another node with all of its text that is known here: what was shown should be stored. */
  withLatest<R extends { conversationId: string; messageId: string; text: string }>(row: R): R {
    const known = this.byConversation.get(row.conversationId);
    const isLonger = known?.messageId === row.messageId && known.content.length > row.text.length;
    return isLonger ? { ...row, text: known.content } : row;
  }

  /** Reads the checkpoints of these conversations: tells what is new in them, forgets what has ended. */
  async refresh(conversationIds: readonly string[]): Promise<void> {
    const asked = conversationIds.map((id) => this.byConversation.get(id));
    const saved = await this.generations.textsElsewhere(this.config.nodeId, conversationIds);
    for (const row of saved) this.merge(row);
    const running = new Set(saved.map(({ messageId }) => messageId));
    for (const text of asked) {
      if (!text || running.has(text.messageId)) continue;
      this.over.set(text.messageId, true);
      this.forget(text);
    }
  }

  /** The same for all that is known: their ends may have been missed. */
  async refreshKnown(): Promise<void> {
    const ids = [...this.byConversation.keys()];
    if (ids.length > 0) await this.refresh(ids);
  }

  @OnDomainEvent('answer.delta', 'elsewhere')
  take(delta: Delta): void {
    const known = this.byConversation.get(delta.conversationId);
    if (this.over.has(delta.messageId)) return;
    // An answer of this node began meanwhile: what is heard of an earlier one is history.
    const local = this.texts.find(delta.conversationId);
    if (local && local !== known) return;
    const text = known?.messageId === delta.messageId ? known : this.begin(delta, '');
    text.waiting.push(delta);
    this.advance(text);
  }

  @OnDomainEvent('message.updated', 'anywhere')
  ended({ message }: DomainEvents['message.updated']): void {
    if (message.role !== 'assistant' || (message.status === 'streaming' && message.deletedAt === null)) return;
    this.over.set(message.id, true);
    const text = this.byConversation.get(message.conversationId);
    if (text?.messageId === message.id) this.forget(text);
  }

  @OnDomainEvent('session.deleted', 'anywhere')
  sessionDeleted({ sessionId }: DomainEvents['session.deleted']): void {
    this.gone(sessionId);
  }

  @OnDomainEvent('chat-room.deleted', 'anywhere')
  roomDeleted({ roomId }: DomainEvents['chat-room.deleted']): void {
    this.gone(roomId);
  }

  private begin(of: Omit<SavedText, 'text'>, content: string): DistantText {
    const { conversationId, kind, messageId, seq } = of;
    const text: DistantText = { conversationId, kind, messageId, seq, content, waiting: [] };
    const before = this.byConversation.get(conversationId);
    if (before) this.forget(before);
    this.byConversation.set(conversationId, text);
    this.texts.set(conversationId, text);
    return text;
  }

  private merge(saved: SavedText): void {
    const known = this.byConversation.get(saved.conversationId);
    if (this.over.has(saved.messageId)) return;
    if (this.texts.find(saved.conversationId) !== (known ?? null)) return;
    const text = known?.messageId === saved.messageId ? known : this.begin(saved, '');
    if (saved.text.length > text.content.length) this.grow(text, saved.text.slice(text.content.length));
    this.advance(text);
  }

  /** Tells the pieces that follow the text, as far as there is no hole. */
  private advance(text: DistantText): void {
    for (;;) {
      const { length } = text.content;
      const next = text.waiting.find(({ offset }) => offset <= length);
      if (!next) break;
      text.waiting.splice(text.waiting.indexOf(next), 1);
      const known = length - next.offset;
      if (known < next.delta.length) this.grow(text, next.delta.slice(known));
    }
    if (text.waiting.length > MOST_WAITING) text.waiting = [];
    if (text.waiting.length > 0) this.repairSoon(text);
  }

  private grow(text: DistantText, delta: string): void {
    const { conversationId, kind, messageId, seq } = text;
    const offset = text.content.length;
    text.content += delta;
    for (const tell of this.readers) tell({ conversationId, kind, messageId, seq, delta, offset });
  }

  private repairSoon({ conversationId }: DistantText): void {
    if (this.repairs.has(conversationId)) return;
    const timer = setTimeout(() => {
      this.repairs.delete(conversationId);
      this.repair(conversationId).catch((error: unknown) =>
        this.logger.warn({ msg: 'The text of another node could not be read', conversationId, err: error }),
      );
    }, RETRY_MS);
    this.repairs.set(conversationId, timer.unref());
  }

  private async repair(conversationId: string): Promise<void> {
    const text = this.byConversation.get(conversationId);
    if (!text) return;
    try {
      await this.refresh([conversationId]);
    } finally {
      if (text.waiting.length > 0 && this.byConversation.get(conversationId) === text) this.repairSoon(text);
    }
  }

  private gone(conversationId: string): void {
    const text = this.byConversation.get(conversationId);
    if (text) this.forget(text);
  }

  private forget(text: DistantText): void {
    const { conversationId } = text;
    if (this.byConversation.get(conversationId) === text) this.byConversation.delete(conversationId);
    this.texts.clear(conversationId, text);
  }
}
