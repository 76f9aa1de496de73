import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ChatRoomsService } from '../chat-rooms/chat-rooms.service.js';
import { DomainEventBus } from '../events/domain-event-bus.js';
import type { MessageSender } from '../events/domain-events.js';
import { PersonalDataRegistry } from '../users/personal-data.registry.js';
import { toMessageResponse, type MessageResponse, type RevisionResponse } from './dto/message.response.dto.js';
import { MessageLogRepository } from './message-log.repository.js';
import { RoomTextsRepository } from './room-texts.repository.js';

/** What people said in rooms, as far as it is theirs to take away and to have forgotten. */
@Injectable()
export class RoomTexts implements OnModuleInit {
  constructor(
    private readonly rooms: ChatRoomsService,
    private readonly texts: RoomTextsRepository,
    private readonly log: MessageLogRepository,
    private readonly events: DomainEventBus,
    private readonly registry: PersonalDataRegistry,
  ) {}

  onModuleInit(): void {
    this.registry.registerErasureStep('roomMessages', (userId) => this.erase(userId));
    this.registry.registerExportSection('roomMessages', (userId) => this.export(userId));
  }

  /** Deletes as the person could have done one by one: every change has its number and is told. */
  private async erase(userId: string): Promise<void> {
    for (const roomId of await this.rooms.lockAllOf(userId)) {
      const count = await this.texts.count(roomId, userId);
      const firstNumber = count > 0 ? await this.log.takeNumbers(roomId, count) : 0;
      for (const message of await this.texts.erase(roomId, userId, firstNumber))
        this.events.publish('message.updated', { message: { ...message, sender: forgotten(userId) } });
    }
  }

  private async *export(userId: string): AsyncGenerator<MessageResponse & { revisions: RevisionResponse[] }> {
    for await (const { message, revisions } of this.texts.saidBy(userId))
      yield {
        ...toMessageResponse(message),
        revisions: revisions.map(({ content, replacedAt }) => ({ content, replacedAt: replacedAt.toISOString() })),
      };
  }
}

const forgotten = (id: string): MessageSender => ({
  id,
  name: null,
  firstName: null,
  lastName: null,
  username: null,
  role: 'user',
  avatarUrl: null,
});
