import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ReceiptsService } from '../chat-rooms/receipts.service.js';
import type { Actor } from '../common/actor.js';
import { AppError } from '../common/errors/app-error.js';
import { DomainEventBus } from '../events/domain-event-bus.js';
import type { MessageRecord } from '../events/domain-events.js';
import { UnitOfWork } from '../prisma/unit-of-work.js';
import { PersonalDataRegistry } from '../users/personal-data.registry.js';
import { MessageLogRepository } from './message-log.repository.js';
import { MessagesService } from './messages.service.js';
import { ReactionsRepository } from './reactions.repository.js';
import { RunningTexts } from './running-texts.js';

/** The most different emoji of one message. */
export const MOST_REACTIONS = 20;

/** Emoji on messages: each once a person, message and emoji, and each change with a number of the conversation. */
@Injectable()
export class ReactionsService implements OnModuleInit {
  constructor(
    private readonly messages: MessagesService,
    private readonly reactions: ReactionsRepository,
    private readonly log: MessageLogRepository,
    private readonly receipts: ReceiptsService,
    private readonly running: RunningTexts,
    private readonly personalData: PersonalDataRegistry,
    private readonly unitOfWork: UnitOfWork,
    private readonly events: DomainEventBus,
  ) {}

  onModuleInit(): void {
    this.personalData.registerErasureStep('reactions', (userId) => this.removeAllOf(userId));
    this.personalData.registerExportSection('reactions', (userId) => this.reactions.allOf(userId));
  }

  /**
   * Puts the actor's emoji on a message or takes it off; what is so already stays and takes no number.
   * @throws AppError MESSAGE_NOT_FOUND | MESSAGE_DELETED | TOO_MANY_REACTIONS
   */
  async react(actor: Actor, messageId: string, emoji: string, on: boolean): Promise<MessageRecord> {
    const { conversationId } = await this.messages.getReadable(actor, messageId);
    const message = await this.unitOfWork.run(async () => {
      await this.log.lock(conversationId);
      const current = await this.messages.getReadable(actor, messageId);
      if (current.deletedAt !== null) throw new AppError('MESSAGE_DELETED');
      const isChange = on
        ? await this.add(messageId, emoji, actor.userId)
        : await this.reactions.remove(messageId, emoji, actor.userId);
      return isChange ? this.tell(current, actor.userId, emoji, on) : current;
    });
    const [marked] = await this.receipts.withReadMarks([message]);
    return this.running.fill(marked ?? message);
  }

  private async add(messageId: string, emoji: string, userId: string): Promise<boolean> {
    const known = await this.reactions.emojiOf(messageId);
    if (!known.includes(emoji) && known.length >= MOST_REACTIONS) throw new AppError('TOO_MANY_REACTIONS');
    return this.reactions.add(messageId, emoji, userId);
  }

  /** For the erasure of an account. */
  private async removeAllOf(userId: string): Promise<void> {
    let locked: string | null = null;
    for (const { conversationId, messageId, emoji } of await this.reactions.allOf(userId)) {
      if (locked !== conversationId) await this.log.lock(conversationId);
      locked = conversationId;
      if (await this.reactions.remove(messageId, emoji, userId))
        await this.tell({ id: messageId, conversationId }, userId, emoji, false);
    }
  }

  private async tell(
    { id, conversationId }: Pick<MessageRecord, 'id' | 'conversationId'>,
    userId: string,
    emoji: string,
    on: boolean,
  ): Promise<MessageRecord> {
    const message = await this.log.touch(id, await this.log.takeNumbers(conversationId, 1));
    this.events.publish('message.reacted', { message, userId, emoji, on });
    return message;
  }
}
