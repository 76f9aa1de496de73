import { Injectable } from '@nestjs/common';
import { ChatRoomsService } from '../../chat-rooms/chat-rooms.service.js';
import { toChatRoomResponse, toParticipantResponse } from '../../chat-rooms/dto/chat-room.response.dto.js';
import { RoomMembers } from '../../chat-rooms/room-members.js';
import type { DomainEvents } from '../../events/domain-events.js';
import { OnDomainEvent } from '../../events/on-domain-event.js';
import { conversationRoom, userRoom } from '../contract/room-names.js';
import { serverEvent, type ServerEvent } from '../contract/server-events.js';
import { ConversationFeeds } from './conversation-feeds.js';
import { LiveHub } from './live-hub.js';
import { toSharedRoom } from './room-events.js';

/** In rooms of more people the moves of places are told as numbers only: everybody would be told of everybody. */
const MOST_TOLD_PLACES = 100;

/** Tells people what happens in their rooms, whether they look at them or not; the messages themselves take the way of all messages. */
@Injectable()
export class RoomDeliveryListener {
  constructor(
    private readonly feeds: ConversationFeeds,
    private readonly hub: LiveHub,
    private readonly rooms: ChatRoomsService,
    private readonly members: RoomMembers,
  ) {}

  @OnDomainEvent('message.created', 'anywhere')
  async said({ message }: DomainEvents['message.created']): Promise<void> {
    if (message.kind !== 'room') return;
    const { id: messageId, conversationId: chatRoomId, senderId, clientMessageId } = message;
    if (senderId !== null) {
      const sent = { messageId, chatRoomId, ...(clientMessageId === null ? {} : { clientMessageId }) };
      this.hub.publish(userRoom(senderId), serverEvent('messageSent', sent));
    }
    const members = this.members.peek(chatRoomId) ?? (await this.members.of(chatRoomId));
    this.toOutOfView(chatRoomId, members.keys(), serverEvent('chatUpdated', { chatRoomId }));
  }

  /** Who does not look at the room hears of an answer once more when it has its text. */
  @OnDomainEvent('message.updated', 'anywhere')
  async answered({ message, finished }: DomainEvents['message.updated']): Promise<void> {
    if (message.kind !== 'room' || !finished) return;
    const { conversationId: chatRoomId } = message;
    const members = this.members.peek(chatRoomId) ?? (await this.members.of(chatRoomId));
    this.toOutOfView(chatRoomId, members.keys(), serverEvent('chatUpdated', { chatRoomId }));
  }

  @OnDomainEvent('message.mentioned', 'anywhere')
  async mentioned({ message, userIds }: DomainEvents['message.mentioned']): Promise<void> {
    const { id: messageId, conversationId: chatRoomId, seq, senderId: mentionedBy } = message;
    const members = await this.members.of(chatRoomId);
    const stillIn = userIds.filter((id) => members.has(id));
    this.hub.publishToMany(
      stillIn.map(userRoom),
      serverEvent('mentioned', { chatRoomId, messageId, seq, mentionedBy }),
    );
  }

  @OnDomainEvent('chat-room.created', 'anywhere')
  async created({ roomId, memberIds }: DomainEvents['chat-room.created']): Promise<void> {
    const found = await this.rooms.find(roomId);
    if (!found) return;
    const chatRoom = toChatRoomResponse(found);
    this.hub.publishToMany(memberIds.map(userRoom), serverEvent('chatRoomCreated', { ...chatRoom, chatRoom }));
  }

  @OnDomainEvent('chat-room.updated', 'anywhere')
  updated({ roomId, changeSeq, memberIds, updatedBy, at }: DomainEvents['chat-room.updated']): Promise<void> {
    return this.tellSettings(roomId, changeSeq, memberIds, updatedBy, at);
  }

  @OnDomainEvent('chat-room.members-added', 'anywhere')
  async added({
    roomId,
    changeSeq,
    memberIds,
    userIds,
    addedBy,
  }: DomainEvents['chat-room.members-added']): Promise<void> {
    const chatRoomId = roomId;
    const told = serverEvent('addedToChatRoom', { chatRoomId, addedBy });
    this.hub.publishToMany(userIds.map(userRoom), told);
    const others = memberIds.filter((id) => !userIds.includes(id));
    const reading = this.rooms.find(roomId).then((room) => {
      const people = (room?.participants ?? []).filter(({ userId }) => userIds.includes(userId));
      const newParticipants = people.map(toParticipantResponse);
      return serverEvent('participantsAdded', { chatRoomId, newParticipants, addedBy, changeSeq });
    });
    await this.toAllOnceRead(roomId, changeSeq, others, reading);
  }

  @OnDomainEvent('chat-room.member-removed', 'anywhere')
  async removed(event: DomainEvents['chat-room.member-removed']): Promise<void> {
    const { roomId: chatRoomId, changeSeqs, memberIds, userId, removedBy } = event;
    const [removal = 0, handOver] = changeSeqs;
    this.silence(chatRoomId, userId);
    this.hub.publish(userRoom(userId), serverEvent('removedFromChatRoom', { chatRoomId, removedBy }));
    const left = { chatRoomId, removedUserId: userId, removedBy, changeSeq: removal };
    const removed = serverEvent('participantRemoved', left);
    this.toAll(chatRoomId, removal, memberIds, removed);
    if (handOver !== undefined) await this.tellSettings(chatRoomId, handOver, memberIds, removedBy, new Date());
  }

  @OnDomainEvent('chat-room.deleted', 'anywhere')
  deleted({ roomId: chatRoomId, memberIds, deletedBy }: DomainEvents['chat-room.deleted']): void {
    for (const userId of memberIds) this.silence(chatRoomId, userId);
    const removed = serverEvent('removedFromChatRoom', { chatRoomId, removedBy: deletedBy });
    this.hub.publishToMany(memberIds.map(userRoom), removed);
  }

  @OnDomainEvent('chat-room.marked', 'anywhere')
  marked(event: DomainEvents['chat-room.marked']): void {
    const { roomId, changeSeq, kind, userId, message, lastReadSeq, lastDeliveredSeq } = event;
    // The number must not look like a gap, whoever else cares.
    const isTold = (this.members.peek(roomId)?.size ?? Infinity) <= MOST_TOLD_PLACES;
    const participants = isTold ? [{ userId, changeSeq, lastReadSeq, lastDeliveredSeq }] : [];
    const places = { chatRoomId: roomId, from: changeSeq, changeSeq, participants };
    this.feeds.moved(roomId, changeSeq, serverEvent('participantsChanged', places));
    const { id: messageId, senderId } = message;
    if (senderId === null || senderId === userId) return;
    const told: ServerEvent =
      kind === 'read'
        ? serverEvent('messageRead', { messageId, chatRoomId: roomId, readBy: userId })
        : serverEvent('messageDeliveredConfirmed', { messageId });
    this.hub.publish(userRoom(senderId), told);
  }

  private async tellSettings(
    chatRoomId: string,
    changeSeq: number,
    memberIds: readonly string[],
    updatedBy: string,
    at: Date,
  ): Promise<void> {
    const reading = this.rooms.find(chatRoomId).then((room) => {
      if (!room) return null;
      const updated = { chatRoomId, updatedChatRoom: toSharedRoom(room), updatedBy, updatedAt: at.toISOString() };
      return serverEvent('chatRoomUpdated', { ...updated, changeSeq });
    });
    await this.toAllOnceRead(chatRoomId, changeSeq, memberIds, reading);
  }

  private async toAllOnceRead(
    roomId: string,
    changeSeq: number,
    memberIds: Iterable<string>,
    reading: Promise<ServerEvent | null>,
  ): Promise<void> {
    const events = reading.then((event) => (event ? [event] : []));
    await this.feeds.numberedOnceRead(roomId, changeSeq, events);
    const event = await reading;
    if (event) this.toOutOfView(roomId, memberIds, event);
  }

  /** To the room's view in the order of the numbers, and to the people who do not look at it. */
  private toAll(roomId: string, changeSeq: number, memberIds: Iterable<string>, event: ServerEvent): void {
    this.feeds.numbered(roomId, changeSeq, [event]);
    this.toOutOfView(roomId, memberIds, event);
  }

  private toOutOfView(roomId: string, memberIds: Iterable<string>, event: ServerEvent): void {
    this.hub.publishToMany(Array.from(memberIds, userRoom), event, conversationRoom(roomId));
  }

  private silence(roomId: string, userId: string): void {
    this.hub.takeOut(userRoom(userId), conversationRoom(roomId));
    this.feeds.release(roomId);
  }
}
