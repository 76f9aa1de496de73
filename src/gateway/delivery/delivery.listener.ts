import { Injectable, type OnModuleInit } from '@nestjs/common';
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
import { RoomRepair } from './room-repair.service.js';

/** The only publisher: turns what happened into what live connections are told. */
@Injectable()
export class DeliveryListener implements OnModuleInit {
  constructor(
    private readonly feeds: ConversationFeeds,
    private readonly hub: LiveHub,
    private readonly reader: ConversationReader,
    private readonly roomRepair: RoomRepair,
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

  @OnDomainEvent('message.reacted')
  reacted(event: DomainEvents['message.reacted']): void {
    const message = this.reader.current(event.message);
    this.feeds.numbered(message.conversationId, message.changeSeq, reactionEvents({ ...event, message }));
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

  /** What is no message is told at the end, as it is then; so is the number up to which nothing is missing any more. */
  private async readMissed(conversationId: string, since: number): Promise<FeedItem[]> {
    const missed = await this.reader.changesSince(conversationId, since);
    if (!missed) return [];
    const { messages, upTo } = missed;
    const told = new Set(messages.map(({ changeSeq }) => changeSeq));
    const ofRoom = await this.roomRepair.read(conversationId, since, upTo, told);
    const items = messages.map((message) => ({ seq: message.changeSeq, events: repairedEvents(message, since) }));
    const last = items.at(-1);
    if (last?.seq !== upTo) return [...items, { seq: upTo, events: ofRoom }];
    return [...items.slice(0, -1), { seq: upTo, events: [...last.events, ...ofRoom] }];
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
