import type { Actor } from '../../common/actor.js';
import { AppError } from '../../common/errors/app-error.js';
import type { ErrorCode } from '../../common/errors/error-catalogue.js';
import { toMessageResponse } from '../../messages/dto/message.response.dto.js';
import type { MessagesService } from '../../messages/messages.service.js';
import type { SessionsService } from '../../sessions/sessions.service.js';
import type { CloseReason } from '../contract/close-reasons.js';
import { conversationRoom, signInRoom, userRoom } from '../contract/room-names.js';
import type { ServerEvent } from '../contract/server-events.js';
import type { LiveConnection } from '../delivery/live-connection.js';
import type { StreamWire } from '../delivery/stream-wire.js';
import type { WatchService } from '../delivery/watch.service.js';
import { AnswerFollower } from '../sse/answer-follower.js';
import { snapshotEvents } from '../sse/snapshot-events.js';
import type { ConversationListener, PlainConversation, PlainMessage } from './plain-conversation.js';

export interface StoredConversationServices {
  sessions: SessionsService;
  messages: MessagesService;
  watching: WatchService;
  wire: StreamWire;
}

/** A conversation with somebody who is signed in: a session of theirs, made with the first message, open at every other door too. */
export class StoredConversation implements PlainConversation, LiveConnection {
  private followers: AnswerFollower[] = [];
  private sessionId: Promise<string> | null = null;

  constructor(
    readonly id: string,
    private readonly actor: Actor,
    private readonly services: StoredConversationServices,
    private readonly onClose: (reason: CloseReason) => void,
    sessionId: string | null,
  ) {
    services.wire.join(this, userRoom(actor.userId));
    services.wire.join(this, signInRoom(actor.signInId));
    if (sessionId !== null) this.sessionId = this.watch(sessionId);
    this.sessionId?.catch(() => undefined);
  }

  async say(said: PlainMessage, listener: ConversationListener): Promise<void> {
    const { messages, sessions } = this.services;
    this.sessionId ??= sessions.create(this.actor, {}).then(({ id }) => this.watch(id));
    const sessionId = await this.sessionId;
    const { message, isReplay } = await messages.sendToSession(this.actor, { ...said, sessionId, role: 'user' });
    const follower = new AnswerFollower(message.seq, {
      delta: (delta) => {
        if (this.followers.includes(follower)) listener.chunk(delta);
      },
      done: ({ status, error }) => {
        if (!this.followers.includes(follower)) return;
        this.followers = this.followers.filter((it) => it !== follower);
        if (status === 'complete' || status === 'stopped') listener.done();
        else listener.failed(new AppError((error?.code ?? 'AI_INTERRUPTED') as ErrorCode));
      },
    });
    // A newer question takes over from an older one, and so does its answer.
    this.followers = [follower];
    if (isReplay) await this.tellAgain(sessionId, message.seq);
    const instead = await messages.insteadOfAnswer(this.actor, sessionId, message.seq);
    if (!instead || !this.followers.includes(follower)) return;
    this.followers = [];
    if (instead.content !== '') listener.chunk(instead.content);
    listener.done();
  }

  send(event: ServerEvent): void {
    for (const follower of [...this.followers]) follower.take(event);
  }

  close(reason?: CloseReason): void {
    if (reason) return this.onClose(reason);
    this.services.wire.remove(this);
    void this.sessionId?.then((sessionId) => this.services.watching.release(sessionId)).catch(() => undefined);
  }

  /** A message that was said before gets the answer that it got then, or the one that is being written. */
  private async tellAgain(sessionId: string, seq: number): Promise<void> {
    const messages = await this.services.messages.questionAndAnswer(this.actor, sessionId, seq);
    const snapshot = { head: seq, messages: messages.map(toMessageResponse) };
    for (const event of snapshotEvents(sessionId, snapshot, { since: seq - 1, offset: 0 })) this.send(event);
  }

  private async watch(sessionId: string): Promise<string> {
    const { watching, wire, messages } = this.services;
    const since = await messages.head(this.actor, sessionId);
    await watching.open(this.actor, sessionId, this.id, since, (snapshot) => {
      wire.join(this, conversationRoom(sessionId));
      for (const event of snapshotEvents(sessionId, snapshot, { since, offset: 0 })) this.send(event);
    });
    return sessionId;
  }
}
