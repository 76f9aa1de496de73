import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ChatRoomsService } from '../../chat-rooms/chat-rooms.service.js';
import { toParticipantResponse } from '../../chat-rooms/dto/chat-room.response.dto.js';
import type { DomainEvents, SignInEnd } from '../../events/domain-events.js';
import { OnDomainEvent } from '../../events/on-domain-event.js';
import { ConversationReader } from '../../messages/conversation-reader.service.js';
import { toMessageResponse } from '../../messages/dto/message.response.dto.js';
import type { CloseReason } from '../contract/close-reasons.js';
import { signInRoom, userRoom } from '../contract/room-names.js';
import { serverEvent } from '../contract/server-events.js';
import { ConversationFeeds, type FeedItem } from './conversation-feeds.js';
import { LiveHub } from './live-hub.js';
import { deltaEvent, newMessageEvents, repairedEvents, updatedMessageEvents } from './message-events.js';
import { changedRoomEvents } from './room-changes.js';

/** The only publisher: turns what happened into what live connections are told. */
@Injectable()
export class DeliveryListener implements OnModuleInit {
  constructor(
    private readonly feeds: ConversationFeeds,
    private readonly hub: LiveHub,
    private readonly reader: ConversationReader,
    private readonly rooms: ChatRoomsService,
  ) {}

  onModuleInit(): void {
    this.feeds.onMissed((conversationId, since) => this.readMissed(conversationId, since));
  }

  @OnDomainEvent('message.created')
  created({ message }: DomainEvents['message.created']): void {
    this.feeds.numbered(message.conversationId, message.changeSeq, newMessageEvents(message));
  }

  @OnDomainEvent('message.updated')
  updated({ message, finished }: DomainEvents['message.updated']): void {
    const { conversationId, changeSeq } = message;
    const current = this.reader.current(message);
    this.feeds.numbered(conversationId, changeSeq, updatedMessageEvents(current, finished === true));
  }

  @OnDomainEvent('answer.delta')
  delta(event: DomainEvents['answer.delta']): void {
    this.feeds.unnumbered(event.conversationId, deltaEvent(event));
  }

  @OnDomainEvent('session.created')
  sessionCreated({ sessionId, ownerId }: DomainEvents['session.created']): void {
    this.hub.publish(userRoom(ownerId), serverEvent('session:created', { sessionId }));
  }

  @OnDomainEvent('session.updated')
  sessionUpdated({ sessionId, ownerId }: DomainEvents['session.updated']): void {
    this.hub.publish(userRoom(ownerId), serverEvent('session:updated', { sessionId }));
  }

  @OnDomainEvent('session.deleted')
  sessionDeleted({ sessionId, ownerId }: DomainEvents['session.deleted']): void {
    this.hub.publish(userRoom(ownerId), serverEvent('session:deleted', { sessionId }));
  }

  @OnDomainEvent('sign-in.revoked')
  signInRevoked({ userId, signInId, reason }: DomainEvents['sign-in.revoked']): void {
    this.hub.closeRoom(signInId === null ? userRoom(userId) : signInRoom(signInId), CLOSE_REASON_OF[reason]);
  }

  private async readMissed(conversationId: string, since: number): Promise<FeedItem[]> {
    const changes = await this.reader.changesSince(conversationId, since);
    if (!changes) return [];
    const { kind, messages, participants = [], chatRoom } = changes;
    if (kind !== 'room')
      return messages.map((message) => ({ seq: message.changeSeq, events: repairedEvents(message, since) }));
    const told = changedRoomEvents(conversationId, since, {
      messages: messages.map(toMessageResponse),
      participants: participants.map(toParticipantResponse),
      room: chatRoom ? await this.rooms.find(conversationId) : null,
    });
    const byNumber = [...Map.groupBy(told, ({ seq }) => seq)];
    return byNumber.map(([seq, items]) => ({ seq, events: items.map(({ event }) => event) }));
  }
}

const CLOSE_REASON_OF: Record<SignInEnd, CloseReason> = {
  logout: 'signed_out',
  logout_all: 'signed_out',
  reuse: 'signed_out',
  erased: 'signed_out',
  disabled: 'signed_out',
  role_changed: 'role_changed',
};
