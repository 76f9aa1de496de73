import { Injectable } from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import type { DomainEvents, SupportChatVisibility } from '../../events/domain-events.js';
import { MessagesService } from '../../messages/messages.service.js';
import { SupportChatsService } from '../../operators/support-chats.service.js';
import { maySee } from '../../operators/support-chat.js';
import { deskFrame } from '../contract/desk-frames.js';
import type { DeskConnection } from './desk-connection.js';

const MOST_CHATS = 200;

/** Who reads along while the assistant writes in a chat. */
@Injectable()
export class DeskSubscriptions {
  private readonly byChat = new Map<string, Set<DeskConnection>>();
  private readonly byConnection = new Map<DeskConnection, Set<string>>();
  /** Raised whenever somebody may have lost the sight of a chat. */
  private moves = 0;

  constructor(
    private readonly chats: SupportChatsService,
    private readonly messages: MessagesService,
  ) {}

  /** What is being written is told from its beginning. @throws AppError CHAT_NOT_FOUND | RATE_LIMITED */
  async add(connection: DeskConnection, chatId: string): Promise<void> {
    const own = this.byConnection.get(connection) ?? new Set<string>();
    if (own.size >= MOST_CHATS && !own.has(chatId))
      throw new AppError('RATE_LIMITED', { message: `At most ${MOST_CHATS} chats at once.` });
    let asked: number;
    do {
      asked = this.moves;
      await this.chats.assertCanSee(connection.viewer, chatId);
    } while (asked !== this.moves);
    if (!connection.sender.isOpen) return;
    const isNew = !own.has(chatId);
    this.byConnection.set(connection, own.add(chatId));
    this.byChat.set(chatId, (this.byChat.get(chatId) ?? new Set()).add(connection));
    connection.sender.send(deskFrame('subscribed', { chatId }));
    const running = this.messages.runningText(chatId);
    if (isNew && running && running.content !== '')
      connection.sender.sendDelta({ chatId, messageId: running.messageId, delta: running.content, offset: 0 });
  }

  /** Says so, if it was subscribed. */
  remove(connection: DeskConnection, chatId: string): void {
    if (!this.byConnection.get(connection)?.delete(chatId)) return;
    this.forget(connection, chatId);
    connection.sender.dropHeld(chatId);
    connection.sender.send(deskFrame('unsubscribed', { chatId }));
  }

  removeAll(connection: DeskConnection): void {
    for (const chatId of this.byConnection.get(connection) ?? []) this.forget(connection, chatId);
    this.byConnection.delete(connection);
  }

  tell({ conversationId: chatId, messageId, delta, offset }: DomainEvents['answer.delta']): void {
    for (const { sender } of this.byChat.get(chatId) ?? []) sender.sendDelta({ chatId, messageId, delta, offset });
  }

  /** Whoever may not see the chat as it is now hears nothing more of it. */
  moved(chatId: string, now: SupportChatVisibility | null): void {
    this.moves++;
    for (const connection of [...(this.byChat.get(chatId) ?? [])])
      if (!now || !maySee(connection.viewer, now)) this.remove(connection, chatId);
  }

  private forget(connection: DeskConnection, chatId: string): void {
    const readers = this.byChat.get(chatId);
    readers?.delete(connection);
    if (readers?.size === 0) this.byChat.delete(chatId);
  }
}
