import { Injectable } from '@nestjs/common';
import type { Actor } from '../common/actor.js';
import { AppError } from '../common/errors/app-error.js';
import { isUuid } from '../common/ids.js';
import { ChatTransitions } from './chat-transitions.service.js';
import { OperatorsRepository } from './operators.repository.js';
import type { SupportChatView } from './support-chat.js';
import { SupportChatsService } from './support-chats.service.js';

/** The transitions as operators ask for them; each answers the chat as it is afterwards. */
@Injectable()
export class ChatMoves {
  constructor(
    private readonly transitions: ChatTransitions,
    private readonly operators: OperatorsRepository,
    private readonly chats: SupportChatsService,
  ) {}

  /** @throws AppError as `ChatTransitions.take` */
  take(actor: Actor, chatId: string): Promise<SupportChatView> {
    return this.after(actor, chatId, this.transitions.take(actor, chatId));
  }

  /** To an operator, or to `queue`. @throws AppError as `ChatTransitions.transfer` and `queue` */
  transfer(actor: Actor, chatId: string, to: string): Promise<SupportChatView> {
    if (to === 'queue') return this.after(actor, chatId, this.transitions.queue(actor, chatId));
    if (!isUuid(to)) throw new AppError('OPERATOR_NOT_FOUND');
    return this.after(actor, chatId, this.transitions.transfer(actor, chatId, to.toLowerCase()));
  }

  /** @throws AppError as `ChatTransitions.giveBack` */
  giveBack(actor: Actor, chatId: string): Promise<SupportChatView> {
    return this.after(actor, chatId, this.transitions.giveBack(actor, chatId));
  }

  /** @throws AppError as `ChatTransitions.close` */
  close(actor: Actor, chatId: string, resolution: string | null): Promise<SupportChatView> {
    return this.after(actor, chatId, this.transitions.close(actor, chatId, resolution));
  }

  /** @throws AppError as `ChatTransitions.reopen` */
  reopen(actor: Actor, chatId: string): Promise<SupportChatView> {
    return this.after(actor, chatId, this.transitions.reopen(actor, chatId));
  }

  /** Whoever could move it is shown where it went, even when that is out of their sight. */
  private async after(actor: Actor, chatId: string, move: Promise<void>): Promise<SupportChatView> {
    await move;
    await this.operators.touch(actor.userId);
    const chat = await this.chats.find(chatId);
    if (!chat) throw new AppError('CHAT_NOT_FOUND');
    return chat;
  }
}
