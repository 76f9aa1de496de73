import { Injectable } from '@nestjs/common';
import { DistantTexts } from '../../ai/distant-texts.service.js';
import type { ChatRoomView } from '../../chat-rooms/chat-room.js';
import { ChatRoomsService } from '../../chat-rooms/chat-rooms.service.js';
import { RoomMembers } from '../../chat-rooms/room-members.js';
import type { Actor } from '../../common/actor.js';
import { DEFAULT_PAGE_SIZE } from '../../common/pagination/page.js';
import { toMessageResponse } from '../../messages/dto/message.response.dto.js';
import { toSyncResponse, type SyncResponse } from '../../messages/dto/sync.response.dto.js';
import { MessagesService } from '../../messages/messages.service.js';
import { ConversationFeeds } from './conversation-feeds.js';
import { streamingIn, type WatchSnapshot } from './watch.service.js';

/** What a reader is told when it begins to look at a room. */
export interface RoomSnapshot extends Partial<Omit<SyncResponse, 'head' | 'messages'>> {
  room: ChatRoomView;
  head: number;
  /** What changed since the reader's number, by `changeSeq`; without a number the newest page, by `seq`. */
  messages: SyncResponse['messages'];
  /** The assistant's answer that is being written right now. */
  streaming?: WatchSnapshot['streaming'];
}

/** Lets readers into the feeds of chat rooms. */
@Injectable()
export class RoomWatchService {
  constructor(
    private readonly feeds: ConversationFeeds,
    private readonly members: RoomMembers,
    private readonly rooms: ChatRoomsService,
    private readonly messages: MessagesService,
    private readonly distantTexts: DistantTexts,
  ) {}

  /**
   * Hands the snapshot to `enter`, which joins the conversation's room in the same turn: nothing is missed or told twice.
   * Whoever is removed meanwhile does not get in.
   * @throws AppError CHAT_ROOM_NOT_FOUND
   */
  async open(
    actor: Actor,
    roomId: string,
    connectionId: string,
    since: number | undefined,
    enter: (snapshot: RoomSnapshot) => void,
  ): Promise<void> {
    for (let isIn = false; !isIn;) {
      await this.members.assertMember(actor.userId, roomId);
      await this.feeds.open(
        roomId,
        connectionId,
        () => this.read(actor, roomId, since),
        (snapshot) => {
          // Memory forgets in the turn in which a change of the members becomes known; then everything is read again.
          isIn = this.members.peek(roomId)?.has(actor.userId) === true;
          if (!isIn) return;
          const streaming = streamingIn(snapshot, this.messages.runningText(roomId));
          enter(streaming ? { ...snapshot, streaming } : snapshot);
        },
      );
    }
  }

  release(roomId: string): void {
    this.feeds.release(roomId);
  }

  private async read(actor: Actor, roomId: string, since: number | undefined): Promise<RoomSnapshot> {
    await this.distantTexts.prepare(roomId);
    if (since !== undefined) {
      const missed = toSyncResponse(await this.messages.sync(actor, roomId, since, 'CHAT_ROOM_NOT_FOUND'));
      const room = await this.rooms.get(actor, roomId);
      await this.members.assertMember(actor.userId, roomId);
      const { head, messages, participants, chatRoom, more, until, reset } = missed;
      return {
        ...{ room, head, messages, participants },
        ...(chatRoom ? { chatRoom } : {}),
        ...(more ? { more, until } : {}),
        ...(reset ? { reset } : {}),
      };
    }
    // The counter first: what changes between the reads is told again by the feed, never missed.
    const head = await this.messages.head(actor, roomId, 'CHAT_ROOM_NOT_FOUND');
    const { items } = await this.messages.page(actor, roomId, { limit: DEFAULT_PAGE_SIZE }, 'CHAT_ROOM_NOT_FOUND');
    const room = await this.rooms.get(actor, roomId);
    await this.members.assertMember(actor.userId, roomId);
    return { room, head, messages: items.map(toMessageResponse) };
  }
}
