// A client of Parley's Socket.IO door in one file; copy it and take away what you do not need.
//
// It keeps a list of messages for every session and chat room that it opens. When the connection breaks, it comes back and
// asks for what changed meanwhile; what it sends arrives once, however often it has to be repeated.
// Needs socket.io-client and Node 20 or a browser. The whole contract: docs/WEBSOCKET_API.md and /asyncapi.json.
import { io, type Socket } from 'socket.io-client';

export interface Tokens {
  accessToken: string;
  refreshToken: string;
  /** Seconds that the access token is good for. */
  expiresIn: number;
}

/** The fields that this client uses; the server sends more. */
export interface Message {
  id: string;
  conversationId: string;
  /** Its place in the conversation. */
  seq: number;
  /** The number of its latest change. */
  changeSeq: number;
  role: 'user' | 'assistant' | 'operator' | 'customer' | 'system';
  senderId: string | null;
  content: string;
  status: 'complete' | 'streaming' | 'stopped' | 'interrupted' | 'failed';
  deletedAt?: string;
}

/** What changed since a number. */
interface Changes {
  head: number;
  messages: Message[];
  more?: boolean;
  reset?: boolean;
  /** The answer that is being written right now. */
  streaming?: { messageId: string; content: string };
}

/** What we send, and what the ack has beside `ok`. */
export interface Commands {
  'auth:refresh': { send: { token: string }; ack: object };
  join: { send: { sessionId: string; since?: number }; ack: Changes };
  joinChatRoom: { send: { chatRoomId: string; since?: number }; ack: Changes };
  sync: { send: { conversationId: string; since: number }; ack: Changes };
  'message:send': { send: { sessionId: string; content: string; clientMessageId: string }; ack: { message: Message } };
  sendMessage: { send: { chatRoomId: string; content: string; clientMessageId: string }; ack: { message: Message } };
}

/** What the server tells us on its own; there is more. */
export interface Events {
  connected: { userId: string };
  closing: { reason: string };
  'message:new': Message;
  'message:update': Message;
  'message:stream': { messageId: string; delta: string; offset: number };
  newMessage: { message: Message };
  messageUpdated: { message: Message };
  messageDeleted: { chatRoomId: string; messageId: string; changeSeq: number };
}

interface Refusal {
  code: string;
  message: string;
  retryAfterSeconds?: number;
}

/** A command was refused; `code` says why (docs/errors.md). */
export class ParleyError extends Error {
  readonly code: string;
  readonly retryAfterSeconds: number | undefined;

  constructor({ code, message, retryAfterSeconds }: Refusal) {
    super(message);
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

const ACK_PATIENCE_MS = 10_000;
/** The part of its life after which a token is renewed. */
const RENEW_AFTER = 0.8;
/** After these the person has to sign in again. */
const FINAL_REASONS = ['signed_out', 'role_changed'];
const PASSING_CODES = [
  'RATE_LIMITED',
  'SERVER_BUSY',
  'SERVER_DRAINING',
  'DATABASE_UNAVAILABLE',
  'TOO_MANY_CONNECTIONS',
];

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

type Listeners = { [N in keyof Events]: (payload: Events[N]) => void };

export class ParleyClient {
  /** Called with new tokens, so that they can be kept. */
  onTokens: (tokens: Tokens) => void = () => undefined;
  /** Called when the connection has ended for good. */
  onSignedOut: (reason: string) => void = () => undefined;

  private readonly socket: Socket<Listeners>;
  private readonly conversations = new Map<string, Conversation>();
  private renewAt = 0;
  private renewal: Promise<string> | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isClosed = false;

  constructor(
    private readonly url: string,
    private tokens: Tokens,
  ) {
    this.keep(tokens);
    this.socket = io(`${url}/chat`, {
      forceNew: true,
      // Asked before every connection, so that none is tried with an old token.
      auth: (give) => void this.token().then((token) => give({ token }), this.end),
    });
    const { socket } = this;
    socket.on('connected', () => this.conversations.forEach((conversation) => void conversation.catchUp()));
    socket.on('closing', ({ reason }) => (FINAL_REASONS.includes(reason) ? this.end(reason) : undefined));
    // The library comes back by itself when a connection is lost, but not when the server closed or refused it.
    socket.on('disconnect', () => void this.comeBack());
    socket.on('connect_error', (error) => {
      const refusal = (error as Error & { data?: Refusal }).data;
      if (!refusal || PASSING_CODES.includes(refusal.code)) void this.comeBack(refusal?.retryAfterSeconds);
      else if (refusal.code === 'TOKEN_EXPIRED') void this.renew().then(() => this.comeBack(), this.end);
      else this.end(refusal.code);
    });

    socket.on('message:new', (message) => this.conversations.get(message.conversationId)?.take(message));
    socket.on('message:update', (message) => this.conversations.get(message.conversationId)?.take(message));
    socket.on('newMessage', ({ message }) => this.conversations.get(message.conversationId)?.take(message));
    socket.on('messageUpdated', ({ message }) => this.conversations.get(message.conversationId)?.take(message));
    socket.on('messageDeleted', (gone) => this.conversations.get(gone.chatRoomId)?.takeDeletion(gone));
    socket.on('message:stream', (piece) => this.conversations.forEach((conversation) => conversation.takePiece(piece)));
  }

  /** Opens an AI session; the list fills once it is there. */
  session(sessionId: string): Conversation {
    return this.open(sessionId, {
      join: (since) => this.command('join', { sessionId, since }),
      send: (content, clientMessageId) => this.command('message:send', { sessionId, content, clientMessageId }),
    });
  }

  /** Opens a chat room. */
  room(chatRoomId: string): Conversation {
    return this.open(chatRoomId, {
      join: (since) => this.command('joinChatRoom', { chatRoomId, since }),
      send: (content, clientMessageId) => this.command('sendMessage', { chatRoomId, content, clientMessageId }),
    });
  }

  /** Sends a command and waits for its ack. Rejects with a ParleyError when it was refused, with another when no ack came. */
  async command<N extends keyof Commands>(name: N, payload: Commands[N]['send']): Promise<Commands[N]['ack']> {
    if (this.isClosed) throw new ParleyError({ code: 'CLOSED', message: 'This client was closed.' });
    const socket = this.socket as unknown as Socket;
    const answer = (await socket.timeout(ACK_PATIENCE_MS).emitWithAck(name, payload)) as {
      ok: boolean;
      error: Refusal;
    };
    if (!answer.ok) throw new ParleyError(answer.error);
    return answer as unknown as Commands[N]['ack'];
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.socket.disconnect();
  }

  private open(id: string, door: Door): Conversation {
    const known = this.conversations.get(id);
    if (known) return known;
    const sync = (since: number) => this.command('sync', { conversationId: id, since });
    const conversation = new Conversation(id, { ...door, sync });
    this.conversations.set(id, conversation);
    if (this.socket.connected) void conversation.catchUp();
    return conversation;
  }

  private token(): Promise<string> {
    return Date.now() < this.renewAt ? Promise.resolve(this.tokens.accessToken) : this.renew();
  }

  /** A new access token, once for all who ask for it at the same time: a refresh token is good once. */
  private renew(): Promise<string> {
    this.renewal ??= this.refresh().finally(() => (this.renewal = undefined));
    return this.renewal;
  }

  private async refresh(): Promise<string> {
    while (!this.isClosed) {
      const response = await fetch(`${this.url}/auth/refresh`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ refreshToken: this.tokens.refreshToken }),
      }).catch(() => null);
      if (response?.ok) {
        this.keep((await response.json()) as Tokens);
        return this.tokens.accessToken;
      }
      if (response && response.status < 500 && response.status !== 429)
        throw new ParleyError((await response.json()) as Refusal);
      // The same token may be shown again for some seconds: the answer may have been lost on the way.
      await pause(1_000);
    }
    throw new Error('This client was closed.');
  }

  private keep(tokens: Tokens): void {
    this.tokens = tokens;
    const life = tokens.expiresIn * 1000 * RENEW_AFTER;
    this.renewAt = Date.now() + life;
    clearTimeout(this.timer);
    if (!this.isClosed) this.timer = setTimeout(() => void this.prolong(), life);
    this.onTokens(tokens);
  }

  /** Keeps the open connection beyond the end of its token. */
  private async prolong(): Promise<void> {
    try {
      const token = await this.renew();
      if (this.socket.connected) await this.command('auth:refresh', { token });
    } catch (error) {
      // Without an ack the connection is gone, and the next one begins with the new token.
      if (error instanceof ParleyError) this.end(error.code);
    }
  }

  private async comeBack(afterSeconds = 1): Promise<void> {
    if (this.isClosed || this.socket.active) return;
    await pause(afterSeconds * 1000);
    if (!this.isClosed && !this.socket.active) this.socket.connect();
  }

  private readonly end = (reason: unknown): void => {
    if (this.isClosed) return;
    this.close();
    this.onSignedOut(reason instanceof ParleyError ? reason.code : String(reason));
  };
}

interface Door {
  join: (since: number | undefined) => Promise<Changes>;
  send: (content: string, clientMessageId: string) => Promise<{ message: Message }>;
}

/** The messages of one session or room, as they are now. */
export class Conversation {
  /** Called after every change. */
  onChange: () => void = () => undefined;

  private readonly byId = new Map<string, Message>();
  /** Everything up to this number is here; undefined before the first answer. */
  private cursor: number | undefined;
  private isCatchingUp = false;
  /** Nothing older than what is told now is missing. */
  private isCurrent = false;

  constructor(
    readonly id: string,
    private readonly door: Door & { sync: (since: number) => Promise<Changes> },
  ) {}

  /** In their order. */
  get messages(): Message[] {
    return [...this.byId.values()].sort((a, b) => a.seq - b.seq);
  }

  /** Says something, once: while the connection is away it waits, and repeats what was not acknowledged. */
  async send(content: string): Promise<Message> {
    const clientMessageId = crypto.randomUUID();
    for (;;)
      try {
        const { message } = await this.door.send(content, clientMessageId);
        this.keep(message);
        return this.byId.get(message.id) ?? message;
      } catch (error) {
        if (error instanceof ParleyError && !PASSING_CODES.includes(error.code)) throw error;
        await pause(1000 * ((error as Partial<ParleyError>).retryAfterSeconds ?? 1));
      }
  }

  /** Watches the conversation on the connection of now, and takes what changed since the last one. */
  async catchUp(): Promise<void> {
    if (this.isCatchingUp) return;
    this.isCatchingUp = true;
    this.isCurrent = false;
    try {
      let changes = await this.door.join(this.cursor);
      for (;;) {
        if (changes.reset) this.byId.clear();
        for (const message of changes.messages) this.keep(message);
        const { streaming } = changes;
        if (streaming) this.write(streaming.messageId, 0, streaming.content);
        this.cursor = changes.more ? (changes.messages.at(-1)?.changeSeq ?? changes.head) : changes.head;
        if (!changes.more) break;
        changes = await this.door.sync(this.cursor);
      }
      this.isCurrent = true;
    } catch (error) {
      // The connection broke; with the next one this is tried again.
      if (error instanceof ParleyError && PASSING_CODES.includes(error.code))
        setTimeout(() => void this.catchUp(), 1000);
    } finally {
      this.isCatchingUp = false;
      this.onChange();
    }
  }

  take(message: Message): void {
    this.keep(message);
    this.moved(message.changeSeq);
  }

  takeDeletion({ messageId, changeSeq }: Events['messageDeleted']): void {
    const message = this.byId.get(messageId);
    if (message) this.keep({ ...message, content: '', changeSeq, deletedAt: new Date().toISOString() });
    this.moved(changeSeq);
  }

  /** Pieces may come twice; one that does not begin where the text ends, or before, shows that some are missing. */
  takePiece({ messageId, delta, offset }: Events['message:stream']): void {
    const message = this.byId.get(messageId);
    if (!message) return;
    if (offset > message.content.length) void this.catchUp();
    else this.write(messageId, offset, delta);
    this.onChange();
  }

  private write(messageId: string, offset: number, text: string): void {
    const message = this.byId.get(messageId);
    if (message?.status === 'streaming')
      this.byId.set(messageId, { ...message, content: message.content.slice(0, offset) + text });
  }

  /** A message may be told twice and in an older form; the newest one counts. */
  private keep(message: Message): void {
    const known = this.byId.get(message.id);
    if (known && known.changeSeq > message.changeSeq) return;
    // Of a text that is being written the longer one is the newer one.
    if (known?.changeSeq === message.changeSeq && known.content.length > message.content.length) return;
    this.byId.set(message.id, message);
  }

  /** While older changes are still to be fetched, the cursor must not pass them. */
  private moved(changeSeq: number): void {
    if (this.isCurrent) this.cursor = Math.max(this.cursor ?? 0, changeSeq);
    this.onChange();
  }
}
