import { Injectable } from '@nestjs/common';
import type { Actor } from '../common/actor.js';
import { AppError } from '../common/errors/app-error.js';
import { AppConfig } from '../config/app-config.js';
import { CustomerDesk, type HumanCall } from '../messages/customer-desk.js';
import { DeskMessages } from '../messages/desk-messages.service.js';
import { UnitOfWork } from '../prisma/unit-of-work.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { ChatNotesRepository } from './chat-notes.repository.js';
import { ChatTransitionsRepository } from './chat-transitions.repository.js';
import { ChatTransitions } from './chat-transitions.service.js';
import { CustomersService } from './customers.service.js';
import { EscalationKeywords } from './escalation-keywords.js';
import type { SupportChatRecord } from './support-chat.js';
import { SupportChatsRepository } from './support-chats.repository.js';

const OPERATOR_COMES = {
  ru: 'Позвали оператора. Он ответит здесь, как только освободится.',
  en: 'An operator has been called and will answer here as soon as possible.',
};

/** Calls humans to conversations. A customer is in one open support chat at most. */
@Injectable()
export class EscalationService extends CustomerDesk {
  private readonly keywords: EscalationKeywords;

  constructor(
    private readonly sessions: SessionsService,
    private readonly chats: SupportChatsRepository,
    private readonly notes: ChatNotesRepository,
    private readonly transitions: ChatTransitions,
    private readonly statements: ChatTransitionsRepository,
    private readonly customers: CustomersService,
    private readonly messages: DeskMessages,
    private readonly unitOfWork: UnitOfWork,
    config: AppConfig,
  ) {
    super();
    this.keywords = EscalationKeywords.from(config.env.ESCALATION_KEYWORDS);
  }

  override asksForHuman(text: string): boolean {
    return this.keywords.matches(text);
  }

  override async callHuman(conversationId: string, call: HumanCall): Promise<boolean> {
    return (await this.escalate(conversationId, call))?.id === conversationId;
  }

  /** The owner of a session calls a human. @throws AppError SESSION_NOT_FOUND */
  async escalateSession(actor: Actor, sessionId: string, reason: string | null): Promise<SupportChatRecord> {
    await this.sessions.assertOwner(actor.userId, sessionId);
    const chat = await this.escalate(sessionId, { by: 'command', reason });
    if (!chat) throw new AppError('SESSION_NOT_FOUND');
    return chat;
  }

  /**
   * The chat waits for a human from now on; the customer is told. A chat that waits or is held already stays as it is, and a person
   * with another open chat keeps that one. Null for conversations that have no customer.
   */
  escalate(conversationId: string, call: HumanCall): Promise<SupportChatRecord | null> {
    return this.unitOfWork.run(async () => {
      const lock = await this.messages.lock(conversationId);
      if (!lock || lock.kind === 'room') return null;
      const chat =
        lock.kind === 'session'
          ? await this.chats.ensureForSession(conversationId)
          : await this.chats.find(conversationId);
      if (!chat || chat.status === 'waiting' || chat.status === 'in_progress') return chat;
      const open = chat.userId === null ? null : await this.chats.findOpenOf(chat.userId);
      if (open) return open;
      return this.begin(chat, call);
    });
  }

  private async begin(chat: SupportChatRecord, call: HumanCall): Promise<SupportChatRecord | null> {
    const byUserId = call.by === 'assistant' ? null : chat.userId;
    const move = { byUserId, cause: 'escalated' as const, data: { by: call.by } };
    return this.transitions.move(chat.id, move, async () => {
      const waiting = await this.statements.escalate(chat.id, call);
      if (!waiting) return null;
      // New words of the customer end what is being said to the former ones; a click or the assistant's own call does not.
      if (call.by === 'keyword') await this.messages.interrupt(chat.id);
      else await this.messages.silence(chat.id);
      if (call.summary) await this.notes.add(chat.id, null, call.summary);
      await this.messages.tell(chat.id, OPERATOR_COMES[await this.languageOf(chat)]);
      return waiting;
    });
  }

  private async languageOf(chat: SupportChatRecord): Promise<'ru' | 'en'> {
    const said = await this.messages.lastOfCustomer(chat.id);
    if (said !== null && /\p{Script=Cyrillic}/u.test(said)) return 'ru';
    const customer = chat.customerId === null ? null : await this.customers.findByChat(chat.id);
    return said === null && customer?.languageCode?.startsWith('ru') ? 'ru' : 'en';
  }
}
