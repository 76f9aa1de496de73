import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { ActorResolver } from '../../auth/actor-resolver.service.js';
import type { Actor } from '../../common/actor.js';
import { AppError } from '../../common/errors/app-error.js';
import { newId } from '../../common/ids.js';
import { AppConfig } from '../../config/app-config.js';
import { ReadinessState } from '../../health/readiness-state.js';
import { MessagesService } from '../../messages/messages.service.js';
import { MetricsService } from '../../metrics/metrics.service.js';
import { conversationRoom, signInRoom, userRoom } from '../contract/room-names.js';
import { isEvent, serverEvent, type ServerEvent } from '../contract/server-events.js';
import { ConnectionLimits } from '../delivery/connection-limits.js';
import { RoomViews } from '../delivery/room-views.js';
import { PresenceService } from '../delivery/presence.service.js';
import { changedRoomEvents } from '../delivery/room-changes.js';
import { RoomWatchService, type RoomSnapshot } from '../delivery/room-watch.service.js';
import { StreamWire } from '../delivery/stream-wire.js';
import { HttpStream } from './http-stream.js';
import { SSE_FORMAT, sseFrame, type StreamCursor } from './stream-formats.js';

/** Live tails of chat rooms over HTTP: what who looks at the room over a socket is told. Refusals come before the stream, as JSON. */
@Injectable()
export class RoomStreams {
  constructor(
    private readonly wire: StreamWire,
    private readonly views: RoomViews,
    private readonly watching: RoomWatchService,
    private readonly messages: MessagesService,
    private readonly presence: PresenceService,
    private readonly readiness: ReadinessState,
    private readonly metrics: MetricsService,
    private readonly actors: ActorResolver,
    private readonly limits: ConnectionLimits,
    private readonly config: AppConfig,
  ) {}

  /** What came after `cursor` first. Ends when the person is not in the room any more. @throws AppError CHAT_ROOM_NOT_FOUND */
  async tail(actor: Actor, roomId: string, cursor: StreamCursor | null, response: Response): Promise<void> {
    const countOut = this.limits.admit(response.req, actor.userId);
    // Who left while being let in does not leave again.
    if (response.closed) countOut();
    else response.once('close', countOut);
    let since = cursor?.since ?? (await this.messages.head(actor, roomId, 'CHAT_ROOM_NOT_FOUND'));
    if (this.readiness.isDraining) throw new AppError('SERVER_DRAINING');
    const id = newId();
    let stream: HttpStream | undefined;
    let isIn = false;
    const enter = (snapshot: RoomSnapshot): void => {
      if (response.destroyed) return;
      const opened = (stream ??= this.begin(id, actor, roomId, response));
      isIn = snapshot.more !== true;
      // How a room began has number 0; who only asks for what comes has no use for it.
      const from = cursor === null ? since : -1;
      const missed = missedEvents(roomId, snapshot, since).filter((event) => (event.position?.seq ?? 0) > from);
      opened.gather(() => missed.forEach((event) => opened.onEvent(event)));
      since = snapshot.until ?? snapshot.head;
      if (!isIn) return;
      this.wire.join(opened, conversationRoom(roomId));
      this.views.tell(actor.userId, roomId, true);
    };
    try {
      await this.watching.open(actor, roomId, id, since, enter);
      // A reader that missed much takes it page by page, at its own speed.
      while (!isIn && (await stream?.taken())) await this.watching.open(actor, roomId, id, since, enter);
    } catch (error) {
      // Once it has begun, its reader comes again and is told then.
      if (!stream) throw error;
      response.destroy();
    }
  }

  private begin(id: string, actor: Actor, roomId: string, response: Response): HttpStream {
    const { userId } = actor;
    const expiry = setTimeout(() => stream.close('token_expired'), this.actors.msLeft(actor)).unref();
    const stream = new HttpStream(id, response, SSE_FORMAT, this.config.env.PING_TIMEOUT_MS, () => {
      clearTimeout(expiry);
      this.metrics.connectionClosed('sse');
      if (this.wire.remove(stream).includes(conversationRoom(roomId))) this.views.tell(userId, roomId, false);
      this.watching.release(roomId);
      this.presence.disconnected(userId);
    });
    stream.onEvent = (event) => {
      if (!isOfRoom(event, roomId)) return;
      stream.write(sseFrame(event));
      if (isEvent(event, 'removedFromChatRoom')) stream.end();
    };
    this.metrics.connectionOpened('sse');
    for (const room of [userRoom(userId), signInRoom(actor.signInId)]) this.wire.join(stream, room);
    this.presence.connected(userId);
    void this.actors.closeIfOver(actor, () => stream.close('signed_out'));
    return stream;
  }
}

/** What the feed tells with its place in the order, and others are told without. */
const NUMBERED: ReadonlySet<string> = new Set(['participantsAdded', 'participantRemoved', 'chatRoomUpdated']);

/** A person's connections are told of all their rooms; this stream is about one. The rest is for who does not look at it. */
function isOfRoom(event: ServerEvent, roomId: string): boolean {
  if (isEvent(event, 'chatUpdated') || isEvent(event, 'addedToChatRoom')) return false;
  // While a long absence is told page by page, the stream is not in the room yet; what has a number comes in its turn.
  if (NUMBERED.has(event.name) && event.position === undefined) return false;
  return 'chatRoomId' in event.payload && event.payload.chatRoomId === roomId;
}

function missedEvents(chatRoomId: string, snapshot: RoomSnapshot, since: number): ServerEvent[] {
  const { room, head, messages, participants = [], chatRoom, reset, streaming } = snapshot;
  const changes = { messages, participants, room: chatRoom ? room : null };
  const told = changedRoomEvents(chatRoomId, reset ? 0 : since, changes).map(({ seq, event }) => ({
    ...event,
    position: { seq, offset: 0 },
  }));
  const first = reset ? [serverEvent('reset', { chatRoomId }, { seq: 0, offset: 0 })] : [];
  if (!streaming || snapshot.more) return [...first, ...told];
  const { messageId, content } = streaming;
  const text = { messageId, chatRoomId, delta: content, offset: 0 };
  return [...first, ...told, serverEvent('message:stream', text, { seq: head, offset: content.length })];
}
