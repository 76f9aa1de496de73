import { Injectable } from '@nestjs/common';
import { DeskMessages } from '../messages/desk-messages.service.js';
import { UnitOfWork } from '../prisma/unit-of-work.js';
import { ChatTransitionsRepository } from './chat-transitions.repository.js';
import { ChatTransitions } from './chat-transitions.service.js';
import { SupportChatsRepository } from './support-chats.repository.js';

/** What customers may decide about their own conversation. */
@Injectable()
export class CustomerChoices {
  constructor(
    private readonly chats: SupportChatsRepository,
    private readonly transitions: ChatTransitions,
    private readonly statements: ChatTransitionsRepository,
    private readonly messages: DeskMessages,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** The customer waits for a human no longer. `held`: one is there already, and stays. */
  returnToAssistant(chatId: string): Promise<'returned' | 'held' | 'unchanged'> {
    return this.unitOfWork.run(async () => {
      const chat = (await this.messages.lock(chatId)) && (await this.chats.find(chatId));
      if (chat?.status === 'in_progress') return 'held';
      if (chat?.status !== 'waiting') return 'unchanged';
      await this.transitions.move(chatId, { byUserId: null, cause: 'returned' }, async () => {
        const returned = await this.statements.giveBack(chatId, { statuses: ['waiting'] });
        if (returned) await this.messages.unsilence(chatId, { answersLast: true });
        return returned;
      });
      return 'returned';
    });
  }

  /** From now on the assistant reads nothing of what was said so far. */
  forget(chatId: string): Promise<void> {
    return this.unitOfWork.run(() => this.messages.forgetContext(chatId));
  }
}
