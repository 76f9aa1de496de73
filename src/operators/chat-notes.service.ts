import { Injectable } from '@nestjs/common';
import type { Actor } from '../common/actor.js';
import { DomainEventBus } from '../events/domain-event-bus.js';
import type { ChatNote } from './chat-note.js';
import { ChatNotesRepository } from './chat-notes.repository.js';
import { SupportChatsService } from './support-chats.service.js';

const MOST_NOTES = 500;

/** What operators tell each other about a chat. */
@Injectable()
export class ChatNotes {
  constructor(
    private readonly notes: ChatNotesRepository,
    private readonly chats: SupportChatsService,
    private readonly events: DomainEventBus,
  ) {}

  /** @throws AppError CHAT_NOT_FOUND */
  async add(actor: Actor, chatId: string, text: string): Promise<ChatNote> {
    await this.chats.assertCanSee(actor, chatId);
    const note = await this.notes.add(chatId, actor.userId, text);
    this.events.publish('support-chat.updated', { chatId });
    return note;
  }

  /** The oldest first. @throws AppError CHAT_NOT_FOUND */
  async list(actor: Actor, chatId: string): Promise<ChatNote[]> {
    await this.chats.assertCanSee(actor, chatId);
    return this.notes.list(chatId, MOST_NOTES);
  }
}
