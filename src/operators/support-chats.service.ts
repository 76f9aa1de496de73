import { Injectable } from '@nestjs/common';
import { hasRole, type Actor } from '../common/actor.js';
import { AppError } from '../common/errors/app-error.js';
import { isUuid } from '../common/ids.js';
import { DomainEventBus } from '../events/domain-event-bus.js';
import type { MessageRecord } from '../events/domain-events.js';
import { DeskMessages } from '../messages/desk-messages.service.js';
import { UnitOfWork } from '../prisma/unit-of-work.js';
import { toDeskMessage } from './desk-message.js';
import { OperatorsRepository } from './operators.repository.js';
import { maySee, type SupportChatFilter, type SupportChatRecord, type SupportChatView } from './support-chat.js';
import { SupportChatsRepository, type ChatMarks, type ListedChat } from './support-chats.repository.js';

/** Support chats as operators see and answer them. */
@Injectable()
export class SupportChatsService {
  constructor(
    private readonly chats: SupportChatsRepository,
    private readonly operators: OperatorsRepository,
    private readonly messages: DeskMessages,
    private readonly unitOfWork: UnitOfWork,
    private readonly events: DomainEventBus,
  ) {}

  /** What the actor may see, pinned ones first, then by their latest activity. */
  async list(
    actor: Actor,
    filter: SupportChatFilter,
    page: { page: number; limit: number },
  ): Promise<SupportChatView[]> {
    const seenBy = hasRole(actor.role, 'senior_operator') ? null : actor.userId;
    return this.complete(await this.chats.list(filter, seenBy, page));
  }

  /** @throws AppError CHAT_NOT_FOUND when it is absent or not for the actor */
  async get(actor: Actor, chatId: string): Promise<SupportChatView> {
    const listed = await this.chats.findListed(chatId);
    if (!listed || !maySee(actor, listed.chat)) throw new AppError('CHAT_NOT_FOUND');
    return (await this.complete([listed]))[0] as SupportChatView;
  }

  /** As `get`, on behalf of the server; null when it is absent. */
  async find(chatId: string): Promise<SupportChatView | null> {
    const listed = await this.chats.findListed(chatId);
    return listed && ((await this.complete([listed]))[0] ?? null);
  }

  /** As `find`, for several; absent ones are left out. */
  async findAll(chatIds: readonly string[]): Promise<SupportChatView[]> {
    return chatIds.length === 0 ? [] : this.complete(await this.chats.findListedAll(chatIds));
  }

  /** @throws AppError CHAT_NOT_FOUND when it is absent or not for the actor */
  async assertCanSee(actor: Actor, chatId: string): Promise<SupportChatRecord> {
    const chat = isUuid(chatId) ? await this.chats.find(chatId) : null;
    if (!chat || !maySee(actor, chat)) throw new AppError('CHAT_NOT_FOUND');
    return chat;
  }

  /** Changes its marks. @throws AppError CHAT_NOT_FOUND */
  async mark(actor: Actor, chatId: string, marks: ChatMarks): Promise<SupportChatView> {
    await this.assertCanSee(actor, chatId);
    if (Object.values(marks).some((value) => value !== undefined)) {
      if (!(await this.chats.setMarks(chatId, marks))) throw new AppError('CHAT_NOT_FOUND');
      this.events.publish('support-chat.updated', { chatId });
    }
    return this.get(actor, chatId);
  }

  /**
   * Messages, ascending: from the `offset`th on, or the newest ones, all of them `before` a number if there is one. Who holds the chat has read them then.
   * @throws AppError CHAT_NOT_FOUND
   */
  async page(
    actor: Actor,
    chatId: string,
    range: { limit: number; offset?: number; before?: number },
  ): Promise<{ messages: MessageRecord[]; readSeq: number }> {
    const chat = await this.assertCanSee(actor, chatId);
    const messages = await this.messages.page(chatId, range);
    const newest = messages.at(-1);
    const isHolder = chat.status === 'in_progress' && chat.operatorId === actor.userId;
    if (isHolder && newest) await this.moveRead(chatId, newest.seq);
    return { messages, readSeq: isHolder && newest ? Math.max(chat.readSeq, newest.seq) : chat.readSeq };
  }

  /** The newest messages with a text, ascending; reading them marks nothing. @throws AppError CHAT_NOT_FOUND */
  async newest(actor: Actor, chatId: string, limit: number): Promise<MessageRecord[]> {
    await this.assertCanSee(actor, chatId);
    return this.messages.newestTexts(chatId, limit);
  }

  /** Marks what was said up to number `seq` as read. @throws AppError CHAT_NOT_FOUND */
  async markRead(actor: Actor, chatId: string, seq: number): Promise<SupportChatView> {
    await this.assertCanSee(actor, chatId);
    await this.moveRead(chatId, seq);
    return this.get(actor, chatId);
  }

  /**
   * Answers the customer: whoever holds the chat, or a senior. With `ifSeq`, only if nobody said anything after that number.
   * @throws AppError CHAT_NOT_FOUND | CHAT_NOT_TAKEN | CHAT_CLOSED | STALE_READ | IDEMPOTENCY_KEY_REUSED
   */
  async reply(
    actor: Actor,
    chatId: string,
    { text, ifSeq, clientMessageId }: { text: string; ifSeq?: number; clientMessageId?: string },
  ): Promise<{ message: MessageRecord; isReplay: boolean }> {
    await this.assertCanSee(actor, chatId);
    return this.unitOfWork.run(async () => {
      // Moves of the chat and messages of it wait for this lock: nothing is written into a chat that was closed meanwhile.
      const lock = await this.messages.lock(chatId);
      const chat = lock && (await this.chats.find(chatId));
      if (!lock || !chat || !maySee(actor, chat)) throw new AppError('CHAT_NOT_FOUND');
      if (chat.status === 'closed') throw new AppError('CHAT_CLOSED');
      if (chat.status !== 'in_progress') throw new AppError('CHAT_NOT_TAKEN');
      const reply = { conversationId: chatId, operatorId: actor.userId, content: text };
      const appended = await this.messages.reply({ ...reply, clientMessageId: clientMessageId ?? null }, ifSeq);
      if ('missed' in appended) {
        const messages = appended.missed.map((message) => toDeskMessage(message, chat.readSeq));
        throw new AppError('STALE_READ', { details: { messages } });
      }
      if (appended.isReplay) return appended;
      await this.moveRead(chatId, appended.message.seq);
      await this.operators.touch(actor.userId);
      return appended;
    });
  }

  /** The customer's opinion of a closed chat, 1…5. Whether there was one to rate. */
  async rate(chatId: string, rating: number): Promise<boolean> {
    const isRated = await this.chats.rate(chatId, rating);
    if (isRated) this.events.publish('support-chat.updated', { chatId });
    return isRated;
  }

  private async moveRead(chatId: string, seq: number): Promise<void> {
    const unreadAfter = await this.messages.countOfCustomerAfter(chatId, seq);
    if (await this.chats.markRead(chatId, seq, unreadAfter)) this.events.publish('support-chat.updated', { chatId });
  }

  private async complete(listed: readonly ListedChat[]): Promise<SupportChatView[]> {
    const newest = await this.messages.newestOf(listed.map(({ chat }) => chat.id));
    return listed.map(({ chat, customer }) => ({ ...chat, customer, lastMessage: newest.get(chat.id) ?? null }));
  }
}
