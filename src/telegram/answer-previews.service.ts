import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import type { DomainEvents, MessageRecord } from '../events/domain-events.js';
import { CustomersService } from '../operators/customers.service.js';
import { LONGEST_TEXT, splitText } from './formatted-text.js';
import { markdownToEntities } from './markdown-entities.js';
import { OutboxRepository } from './outbox.repository.js';
import { TelegramApi } from './telegram-api.js';
import { classifyFailure } from './telegram-failure.js';

/** Telegram bears about one message a second in a chat; drafts and edits count. */
const EVERY_MS = 1_000;
/** The action "typing" is shown for five seconds. */
const TYPING_EVERY_MS = 4_000;
const ELLIPSIS = ' …';

interface Preview {
  readonly conversationId: string;
  readonly messageId: string;
  chatId: number | null;
  text: string;
  shown: string;
  /** The message that is edited, where there are no drafts. */
  telegramMessageId: number | null;
  /** Since when, and until when, nothing is shown. */
  notBefore: number;
  timer: NodeJS.Timeout | null;
  isShowing: boolean;
  hasEnded: boolean;
  typedAt: number;
}

/** Shows answers in Telegram while they are written: as drafts, or where there are none by a message that grows. Best effort: the outbox sends the end. */
@Injectable()
export class AnswerPreviews implements OnModuleDestroy {
  private readonly logger = new Logger('TelegramPreviews');
  private readonly previews = new Map<string, Preview>();
  /** Calls under way, by message. */
  private readonly underWay = new Map<string, Promise<void>>();
  /** This Bot API server does not know drafts. */
  private hasNoDrafts = false;

  constructor(
    private readonly customers: CustomersService,
    private readonly outbox: OutboxRepository,
    private readonly api: TelegramApi,
  ) {}

  onModuleDestroy(): void {
    for (const { timer } of this.previews.values()) if (timer) clearTimeout(timer);
    this.previews.clear();
  }

  begin({ conversationId, id: messageId }: MessageRecord): void {
    if (this.api.isConfigured) this.schedule(this.open(conversationId, messageId));
  }

  grow({ conversationId, messageId, delta, offset }: DomainEvents['answer.delta']): void {
    if (!this.api.isConfigured) return;
    // Begun on a node that died: this one writes it from the start.
    const preview = this.previews.get(messageId) ?? (offset === 0 ? this.open(conversationId, messageId) : null);
    if (!preview) return;
    preview.text = preview.text.slice(0, offset) + delta;
    this.schedule(preview);
  }

  /** The answer is whole, or cancelled: then what was shown of it is taken away. */
  end(message: MessageRecord): void {
    const preview = this.previews.get(message.id);
    if (!preview) return;
    this.previews.delete(message.id);
    preview.hasEnded = true;
    if (preview.timer) clearTimeout(preview.timer);
    const isFinal = message.supersededById === null && ['complete', 'interrupted'].includes(message.status);
    if (!isFinal) void this.takeAway(preview);
  }

  /** Resolves when no piece of this answer is on its way any more: one that came after the end would undo it. */
  async quiet(messageId: string): Promise<void> {
    await this.underWay.get(messageId);
  }

  private open(conversationId: string, messageId: string): Preview {
    const preview: Preview = {
      conversationId,
      messageId,
      chatId: null,
      text: '',
      shown: '',
      telegramMessageId: null,
      notBefore: 0,
      timer: null,
      isShowing: false,
      hasEnded: false,
      typedAt: 0,
    };
    this.previews.set(messageId, preview);
    return preview;
  }

  private schedule(preview: Preview): void {
    if (preview.timer || preview.isShowing || preview.hasEnded) return;
    const wait = Math.max(0, preview.notBefore - performance.now());
    preview.timer = setTimeout(() => {
      preview.timer = null;
      const showing = this.show(preview).finally(() => this.underWay.delete(preview.messageId));
      this.underWay.set(preview.messageId, showing);
    }, wait).unref();
  }

  private async show(preview: Preview): Promise<void> {
    preview.isShowing = true;
    preview.notBefore = performance.now() + EVERY_MS;
    try {
      preview.chatId ??= (await this.customers.findByChat(preview.conversationId))?.telegramChatId ?? null;
      if (preview.chatId === null || preview.hasEnded) return;
      const text = preview.text;
      if (text.trim() === '') await this.showTyping(preview, preview.chatId);
      else if (text !== preview.shown) {
        await this.showText(preview, preview.chatId, text);
        preview.shown = text;
      }
    } catch (error) {
      this.hinder(preview, error);
    } finally {
      preview.isShowing = false;
      if (preview.text !== preview.shown || preview.text === '') this.schedule(preview);
    }
  }

  private async showTyping(preview: Preview, chatId: number): Promise<void> {
    if (performance.now() - preview.typedAt < TYPING_EVERY_MS && preview.typedAt > 0) return;
    preview.typedAt = performance.now();
    await this.api.showTyping(chatId);
  }

  private async showText(preview: Preview, chatId: number, text: string): Promise<void> {
    // The first message of those that the whole answer will be.
    const [first] = splitText(markdownToEntities(text), LONGEST_TEXT - ELLIPSIS.length);
    if (!first) return;
    const part = { ...first, text: first.text + ELLIPSIS };
    // Groups have no drafts.
    if (!this.hasNoDrafts && chatId > 0) {
      try {
        return await this.api.draft(chatId, draftIdOf(preview.messageId), part);
      } catch (error) {
        if (classifyFailure(error).kind !== 'no-method') throw error;
        this.hasNoDrafts = true;
      }
    }
    if (preview.telegramMessageId !== null) return this.api.edit(chatId, preview.telegramMessageId, part);
    preview.telegramMessageId = await this.api.send(chatId, part, []);
    await this.outbox.savePreview(preview.messageId, preview.telegramMessageId);
    if (preview.hasEnded) await this.takeAway(preview);
  }

  private hinder(preview: Preview, error: unknown): void {
    const failure = classifyFailure(error);
    if (failure.kind === 'unmodified') return;
    const asked = failure.kind === 'again' ? failure.retryAfterMs : null;
    preview.notBefore = performance.now() + (asked ?? EVERY_MS * 3);
    if (failure.kind === 'blocked' || failure.kind === 'refused') preview.hasEnded = true;
    this.logger.debug({ msg: 'An answer cannot be shown while it is written', reason: failure.reason });
  }

  private async takeAway({ chatId, telegramMessageId, messageId }: Preview): Promise<void> {
    if (chatId === null || telegramMessageId === null) return;
    try {
      await this.outbox.dropPreview(messageId);
      await this.api.remove(chatId, telegramMessageId);
    } catch (error) {
      this.logger.debug({ msg: 'A cancelled answer cannot be taken away', reason: classifyFailure(error).reason });
    }
  }
}

/** A number that is not zero and the same for every piece of one answer. */
function draftIdOf(messageId: string): number {
  return (parseInt(messageId.slice(-12), 16) % 0x7fff_fffe) + 1;
}
