import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DistantTexts } from '../../ai/distant-texts.service.js';
import { toParticipantResponse } from '../../chat-rooms/dto/chat-room.response.dto.js';
import type { DomainEvents, SignInEnd } from '../../events/domain-events.js';
import { OnDomainEvent } from '../../events/on-domain-event.js';
import { ConversationReader } from '../../messages/conversation-reader.service.js';
import type { CloseReason } from '../contract/close-reasons.js';
import { signInRoom, userRoom } from '../contract/room-names.js';
import { serverEvent } from '../contract/server-events.js';
import { ConversationFeeds, type FeedItem } from './conversation-feeds.js';
import { LiveHub } from './live-hub.js';
import {
  deltaEvent,
  newMessageEvents,
  reactionEvents,
  repairedEvents,
  updatedMessageEvents,
} from './message-events.js';
import { changedRoomEvents } from './room-changes.js';
import { RoomRepair } from './room-repair.service.js';

/** The only publisher: turns what happened into what live connections are told. */
@Injectable()
export class DeliveryListener implements OnModuleInit {
  constructor(
    private readonly feeds: ConversationFeeds,
    private readonly hub: LiveHub,
    private readonly reader: ConversationReader,
    private readonly roomRepair: RoomRepair,
    private readonly distantTexts: DistantTexts,
  ) {}

  onModuleInit(): void {
    this.feeds.onMissed((conversationId, since) => this.readMissed(conversationId, since));
    this.distantTexts.onText((delta) => this.delta(delta));
  }

  @OnDomainEvent('message.created', 'anywhere')
  created({ message }: DomainEvents['message.created']): void {
    this.feeds.numbered(message.conversationId, message.changeSeq, newMessageEvents(message));
  }

  @OnDomainEvent('message.updated', 'anywhere')
  updated({ message, finished }: DomainEvents['message.updated']): void {
    const { conversationId, changeSeq } = message;
    const current = this.reader.current(message);
    this.feeds.numbered(conversationId, changeSeq, updatedMessageEvents(current, finished === true));
  }

  @OnDomainEvent('message.reacted', 'anywhere')
  reacted(event: DomainEvents['message.reacted']): void {
    const message = this.reader.current(event.message);
    this.feeds.numbered(message.conversationId, message.changeSeq, reactionEvents({ ...event, message }));
  }

  @OnDomainEvent('answer.delta')
  delta(event: DomainEvents['answer.delta']): void {
    this.feeds.unnumbered(event.conversationId, deltaEvent(event), event.seq);
  }

  @OnDomainEvent('session.created', 'anywhere')
  sessionCreated({ sessionId, ownerId }: DomainEvents['session.created']): void {
    this.hub.publish(userRoom(ownerId), serverEvent('session:created', { sessionId }));
  }

  @OnDomainEvent('session.updated', 'anywhere')
  sessionUpdated({ sessionId, ownerId }: DomainEvents['session.updated']): void {
    this.hub.publish(userRoom(ownerId), serverEvent('session:updated', { sessionId }));
  }

  @OnDomainEvent('session.deleted', 'anywhere')
  sessionDeleted({ sessionId, ownerId }: DomainEvents['session.deleted']): void {
    this.hub.publish(userRoom(ownerId), serverEvent('session:deleted', { sessionId }));
  }

  @OnDomainEvent('sign-in.revoked', 'anywhere')
  signInRevoked({ userId, signInId, reason }: DomainEvents['sign-in.revoked']): void {
    this.hub.closeRoom(signInId === null ? userRoom(userId) : signInRoom(signInId), CLOSE_REASON_OF[reason]);
  }

  /** What is not told of a room by its number is told at the end, as it is then; so is the number up to which nothing is missing any more. */
  private async readMissed(conversationId: string, since: number): Promise<FeedItem[]> {
    const missed = await this.reader.changesSince(conversationId, since);
    if (!missed) return [];
    const { kind, messages, participants = [], until } = missed;
    const told = messages.map((message) => ({ seq: message.changeSeq, events: repairedEvents(message, since) }));
    if (kind === 'room') {
      const spoken = new Set(messages.map(({ changeSeq }) => changeSeq));
      const places = { messages: [], participants: participants.map(toParticipantResponse), room: null };
      for (const { seq, event } of changedRoomEvents(conversationId, since, places))
        told.push({ seq, events: [event] });
      told.push({ seq: until, events: await this.roomRepair.read(conversationId, since, until, spoken) });
    } else told.push({ seq: until, events: [] });
    const byNumber = [...Map.groupBy(told, ({ seq }) => seq)].sort(([one], [other]) => one - other);
    return byNumber.map(([seq, items]) => ({ seq, events: items.flatMap(({ events }) => events) }));
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
