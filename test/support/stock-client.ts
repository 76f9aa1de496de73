import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';
import type { MessageResponse } from '../../src/messages/dto/message.response.dto.js';
import type { Ack } from './chat-client.js';
import type { SnapshotPage } from './replica.js';

interface Known {
  join: 'join' | 'joinChatRoom';
  /** By id, as they were told last. */
  messages: Map<string, MessageResponse>;
  cursor: number;
  /** The highest number of live events; the cursor jumps there once the gap before it is closed. */
  newest: number;
  isCatchingUp: boolean;
}

/**
 * A client as people write it with the stock library: its defaults bring it back, and then it asks for what came after its
 * cursor. What was not acknowledged it sends again under the same id.
 */
export class StockClient {
  readonly socket: Socket;
  /** How long it was away each time, in ms. */
  readonly absences: number[] = [];
  /** What was told although an equal or higher number had been. */
  readonly inversions: string[] = [];
  /** Sends that had to be repeated. */
  repeats = 0;
  /** Questions for what it missed that were not answered. */
  readonly failures: string[] = [];
  private readonly conversations = new Map<string, Known>();
  private lostAt: number | null = null;
  private isOver = false;

  constructor(url: string, token: string) {
    this.socket = io(`${url}/chat`, { auth: { token }, transports: ['websocket'], forceNew: true });
    this.socket.on('disconnect', () => (this.lostAt ??= performance.now()));
    this.socket.on('connected', () => {
      if (this.lostAt !== null) this.absences.push(performance.now() - this.lostAt);
      this.lostAt = null;
      for (const id of this.conversations.keys()) void this.catchUp(id);
    });
    for (const name of ['message:new', 'message:update'])
      this.socket.on(name, (message: MessageResponse) => this.take(message));
    for (const name of ['newMessage', 'messageUpdated'])
      this.socket.on(name, ({ message }: { message: MessageResponse }) => this.take(message));
    this.socket.on('message:stream', (piece: { messageId: string; delta: string; offset: number }) => {
      for (const { messages } of this.conversations.values()) {
        const message = messages.get(piece.messageId);
        if (message) message.content = message.content.slice(0, piece.offset) + piece.delta;
      }
    });
  }

  get isAway(): boolean {
    return this.lostAt !== null;
  }

  async open(join: Known['join'], id: string): Promise<void> {
    this.conversations.set(id, { join, messages: new Map(), cursor: 0, newest: 0, isCatchingUp: false });
    await this.catchUp(id);
  }

  /** What it shows of a conversation, by place. */
  list(id: string): MessageResponse[] {
    return [...(this.conversations.get(id)?.messages.values() ?? [])].sort((one, other) => one.seq - other.seq);
  }

  /** Sends until that is acknowledged. @throws when it is refused for good */
  async send(command: 'sendMessage' | 'message:send', payload: object): Promise<MessageResponse> {
    const whole = { ...payload, clientMessageId: randomUUID() };
    for (;;) {
      const ack = await this.ask(command, whole);
      if (ack?.ok) return ack['message'] as MessageResponse;
      const code = ack?.error?.code;
      if (code !== undefined && !['SERVER_DRAINING', 'DATABASE_UNAVAILABLE'].includes(code))
        throw new Error(`refused: ${JSON.stringify(ack)}`);
      if (this.isOver) throw new Error('closed before it was acknowledged');
      this.repeats++;
      await sleep(100 + Math.random() * 200);
    }
  }

  close(): void {
    this.isOver = true;
    this.socket.disconnect();
  }

  private async ask(command: string, payload: object): Promise<Ack | null> {
    return this.socket
      .timeout(5_000)
      .emitWithAck(command, payload)
      .then(
        (ack: Ack) => ack,
        () => null,
      );
  }

  private async catchUp(id: string): Promise<void> {
    const known = this.conversations.get(id);
    if (!known) return;
    known.isCatchingUp = true;
    const connection = this.socket.id;
    const { join } = known;
    const key = join === 'join' ? 'sessionId' : 'chatRoomId';
    let ack = await this.ask(join, { [key]: id, since: known.cursor });
    while (ack?.ok) {
      const page = ack as unknown as SnapshotPage;
      for (const message of page.messages) keep(known, message);
      known.cursor = page.messages.at(-1)?.changeSeq ?? known.cursor;
      const { streaming } = page;
      const written = streaming && known.messages.get(streaming.messageId);
      if (written) written.content = streaming.content;
      if (!page.more) break;
      ack = await this.ask('sync', { conversationId: id, since: known.cursor });
    }
    if (!ack?.ok) {
      this.failures.push(JSON.stringify(ack));
      await sleep(200);
      // When the connection went meanwhile, the next one asks again.
      return connection === this.socket.id ? this.catchUp(id) : undefined;
    }
    known.isCatchingUp = false;
    known.cursor = Math.max(known.cursor, known.newest);
  }

  private take(message: MessageResponse): void {
    const known = this.conversations.get(message.conversationId);
    if (!known) return;
    known.newest = Math.max(known.newest, message.changeSeq);
    keep(known, message);
    if (known.isCatchingUp) return;
    if (message.changeSeq <= known.cursor)
      this.inversions.push(
        `${message.role} ${message.status} ${message.changeSeq} of ${message.seq} after ${known.cursor}`,
      );
    known.cursor = Math.max(known.cursor, message.changeSeq);
  }
}

function keep({ messages }: Known, message: MessageResponse): void {
  const before = messages.get(message.id);
  if (!before || before.changeSeq <= message.changeSeq) messages.set(message.id, { ...message });
}
