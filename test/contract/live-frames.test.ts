import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CLIENT_EVENTS } from '../../src/gateway/contract/client-events.js';
import { LIVE_DOORS } from '../../src/gateway/contract/doors.js';
import { TestApp } from '../support/app.js';
import { ChatClient, type Ack } from '../support/chat-client.js';
import { Desk } from '../support/desk.js';
import { DeskSocket } from '../support/desk-socket.js';
import { LiveChecker } from '../support/live-checker.js';
import type { Person } from '../support/person.js';
import { PlainClient } from '../support/plain-client.js';
import { ScriptedOpenAi } from '../support/scripted-openai.js';
import { SseClient } from '../support/sse-client.js';

const ANSWER = { deltas: ['Green', ' tea', '.'], usage: { prompt_tokens: 7, completion_tokens: 3 } };
const ENDLESS = { deltas: ['Green', ' tea', ' and'], ending: 'stall' } as const;
const BROKEN = { status: 400, body: { error: { message: 'no' } } };

/** A client of `/chat` whose every event and ack is held against the description. */
class CheckedChat {
  private constructor(
    private readonly client: ChatClient,
    private readonly checker: LiveChecker,
  ) {}

  static async connect(person: Person, checker: LiveChecker): Promise<CheckedChat> {
    return new CheckedChat(await ChatClient.connect(person.url, person.token ?? ''), checker);
  }

  async does<T = Record<string, unknown>>(name: string, payload: object): Promise<T> {
    const ack = await this.tries(name, payload);
    if (!ack.ok) throw new Error(`${name} was refused: ${JSON.stringify(ack.error)}`);
    return ack as T;
  }

  async tries(name: string, payload: object): Promise<Ack> {
    const ack = await this.client.command(name, payload);
    this.checker.answered(name, payload, ack);
    return ack;
  }

  saysWithoutAck(name: string, payload: object): void {
    this.client.socket.emit(name, payload);
  }

  event = (...args: Parameters<ChatClient['event']>) => this.client.event(...args);

  /** Everything that it was told goes to the checker. */
  close(): void {
    for (const { event, payload } of this.client.received)
      if (event !== 'disconnect') this.checker.said('chat', event, payload);
    this.client.close();
  }
}

interface WithMessage {
  message: { id: string; seq: number };
}

describe('everything that the server really says', () => {
  const checker = new LiveChecker();
  let model: ScriptedOpenAi;
  let app: TestApp;

  beforeAll(async () => {
    model = await ScriptedOpenAi.start();
    const settings = { ANONYMOUS_CHAT: 'true', OPERATOR_AWAY_AFTER_S: '1', PING_INTERVAL_MS: '1500' };
    app = await TestApp.start({ ...Desk.settings, ...settings, OPENAI_BASE_URL: model.baseUrl });
  });
  afterAll(async () => {
    await app.close();
    await model.stop();
  });

  const connect = (person: Person) => CheckedChat.connect(person, checker);

  it('in a room of three', async () => {
    const [ada, bob, cyd] = await Promise.all([app.person(), app.person(), app.person()]);
    const [a, c] = await Promise.all([connect(ada), connect(cyd)]);
    const { chatRoom } = await a.does<{ chatRoom: { id: string } }>('createChatRoom', {
      type: 'GROUP',
      name: 'Tea',
      participantIds: [bob.id],
    });
    const chatRoomId = chatRoom.id;
    await a.does('createChatRoom', { type: 'DIRECT', participantIds: [cyd.id] });
    await a.does('addParticipants', { chatRoomId, participantIds: [cyd.id] });
    await c.event('addedToChatRoom');
    const b = await connect(bob);
    await a.event('presence', ({ userId, online }) => userId === bob.id && online === true);
    await b.does('joinChatRoom', { chatRoomId });
    await a.does('joinChatRoom', { chatRoomId, since: 0 });
    await a.does('presence', { userIds: [bob.id, cyd.id] });

    await a.does('typing', { chatRoomId, isTyping: true });
    const { message } = await a.does<WithMessage>('sendMessage', {
      chatRoomId,
      content: 'Which tea?',
      clientMessageId: 'c-1',
      fileUrl: 'https://example.com/tea.png',
      fileName: 'tea.png',
      fileSize: 12,
    });
    await b.event('userTyping', ({ isTyping }) => isTyping === false);
    await b.event('newMessage');
    await c.event('chatUpdated');
    await b.does('messageDelivered', { chatRoomId, messageId: message.id });
    await b.does('messageRead', { chatRoomId, messageId: message.id });
    await c.does('messageDelivered', { chatRoomId, messageId: message.id });
    await a.event('messageDeliveredConfirmed');
    await a.event('messageRead');
    await b.does('sendMessage', { chatRoomId, content: 'Green.', replyToId: message.id });
    await a.does('editMessage', { messageId: message.id, content: 'Which tea, please?' });
    await b.event('messageUpdated');
    await a.does('react', { messageId: message.id, emoji: '👍', on: true });
    await b.event('messageReaction');
    await a.does('deleteMessage', { messageId: message.id });
    await b.event('messageDeleted');
    await a.tries('react', { messageId: message.id, emoji: '👍', on: true });
    model.script(ANSWER);
    await a.does('sendMessage', { chatRoomId, content: `@assistant which tea does @${cyd.id} like?` });
    await c.event('mentioned');
    await b.event('message:done', (payload) => payload['chatRoomId'] === chatRoomId);
    await a.does('updateChatRoom', { chatRoomId, updates: { name: 'Tea time' } });
    await c.event('chatRoomUpdated');
    await b.does('leaveChatRoom', { chatRoomId });
    await a.event('userLeft');
    await b.does('sync', { conversationId: chatRoomId, since: 0 });
    await b.does('joinChatRoom', { chatRoomId, since: 1 });
    await a.event('userJoined');
    await a.does('removeParticipant', { chatRoomId, participantId: cyd.id });
    await c.event('removedFromChatRoom');
    // The owner goes: somebody else becomes it.
    await a.does('removeParticipant', { chatRoomId, participantId: ada.id });
    await b.event('chatRoomUpdated', ({ updatedBy }) => updatedBy === ada.id);

    c.saysWithoutAck('joinChatRoom', { chatRoomId });
    await c.event('error');
    const { signInId: _, ...renewed } = (
      await ada.post<Record<string, string>>('/auth/refresh', {
        refreshToken: ada.refreshToken,
      })
    ).body;
    await a.does('auth:refresh', { token: renewed['accessToken'] });
    for (const name of CLIENT_EVENTS) {
      await c.tries(name, {});
      await c.tries(name, { surplus: 1 });
    }
    const absent = randomUUID();
    for (const name of ['joinChatRoom', 'leaveChatRoom']) await c.tries(name, { chatRoomId });
    await c.tries('sendMessage', { chatRoomId, content: 'Hello?' });
    await c.tries('editMessage', { messageId: message.id, content: 'Mine' });
    await b.tries('editMessage', { messageId: message.id, content: 'Mine' });
    await c.tries('deleteMessage', { messageId: absent });
    await c.tries('sync', { conversationId: absent, since: 0 });
    await c.tries('createChatRoom', { type: 'GROUP', participantIds: [absent] });
    await c.tries('addParticipants', { chatRoomId, participantIds: [absent] });
    await b.tries('addParticipants', { chatRoomId, participantIds: [absent] });
    await b.tries('removeParticipant', { chatRoomId, participantId: absent });
    await c.tries('auth:refresh', { token: 'no token' });
    await c.tries('auth:refresh', { token: bob.token });

    await bob.post('/auth/logout');
    await b.event('closing');
    b.close();
    for (const client of [a, c]) client.close();
  });

  it('in a session with answers that end in every way', async () => {
    const ada = await app.person();
    const a = await connect(ada);
    const other = await connect(ada);
    const sessionId = await ada.session();
    await other.event('session:created');
    await a.does('join', { sessionId });
    await other.does('join', { sessionId, since: 0 });
    await a.does('typing', { sessionId, typing: true });
    await other.event('typing');

    model.script(ANSWER);
    const { message } = await a.does<WithMessage>('message:send', {
      sessionId,
      content: 'Which?',
      clientMessageId: 'q1',
    });
    const done = await a.event('message:done');
    const { message: second } = await a.does<WithMessage>('message:regenerate', { messageId: done['messageId'] });
    await a.event('message:done', ({ messageId }) => messageId === second.id);

    model.script(ENDLESS);
    const { message: third } = await a.does<WithMessage>('message:regenerate', { messageId: second.id });
    await a.event('message:stream', ({ messageId }) => messageId === third.id);
    await other.does('join', { sessionId, since: 2 });
    await a.does('message:stop', { messageId: third.id });
    await a.event('message:done', ({ messageId }) => messageId === third.id);

    model.script(BROKEN);
    await a.does('message:send', { sessionId, content: 'And?' });
    await a.event('message:done', ({ status }) => status === 'failed');
    model.script(ANSWER);
    expect((await ada.patch(`/messages/${message.id}`, { content: 'Which one?' })).status).toBe(200);
    await a.event('message:update', ({ editedAt }) => editedAt !== undefined);
    await a.event(
      'message:done',
      ({ messageId }) => ![done['messageId'], second.id, third.id].includes(messageId as string),
    );
    expect((await ada.delete(`/messages/${message.id}`)).status).toBe(200);
    await a.event('message:update', ({ deletedAt }) => deletedAt !== undefined);
    await a.does('sync', { conversationId: sessionId, since: 1 });
    await other.does('leave', { sessionId });

    await a.tries('message:regenerate', { messageId: message.id });
    await a.tries('message:send', { sessionId, content: 'Other', clientMessageId: 'q1' });
    for (const name of ['join', 'leave']) await a.tries(name, { sessionId: randomUUID() });
    await a.tries('message:stop', { messageId: randomUUID() });
    await a.tries('message:send', { sessionId: randomUUID(), content: 'Other' });

    await ada.patch(`/sessions/${sessionId}`, { title: 'Tea' });
    await other.event('session:updated');
    await ada.delete(`/sessions/${sessionId}`);
    await other.event('session:deleted');
    for (const client of [a, other]) client.close();
  });

  it('over Server-Sent Events', async () => {
    const ada = await app.person();
    const sessionId = await ada.session();
    const headers = { authorization: `Bearer ${ada.token}` };
    const stream = (query: string) => SseClient.open(`${app.url}/sse/sessions/${sessionId}/stream${query}`, headers);
    const a = await connect(ada);
    const tail = await stream('?since=99');
    await tail.event('reset');
    await a.does('typing', { sessionId, typing: true });
    await tail.event('typing');
    model.script(ANSWER);
    const asked = await stream('?prompt=Which%3F');
    await asked.over();
    await tail.event('message:done');
    model.script(BROKEN);
    const failed = await stream('?prompt=And%3F');
    await failed.over();
    await ada.patch(`/sessions/${sessionId}`, { title: 'Tea' });
    await tail.event('session:updated');
    // A room of the same person is no business of this stream.
    await a.does('createChatRoom', { type: 'GROUP', participantIds: [] });
    const doomed = await ada.session();
    const other = await SseClient.open(`${app.url}/sse/sessions/${doomed}/stream`, headers);
    await ada.delete(`/sessions/${doomed}`);
    await other.event('session:deleted');
    await ada.post('/auth/logout');
    await tail.event('closing');
    a.close();
    for (const { frames } of [tail, asked, failed, other])
      for (const { event, data } of frames) checker.said('sessionStream', event, data);
    for (const client of [tail, asked, failed, other]) client.close();
  });

  it('of a room, over Server-Sent Events', async () => {
    const [ada, bob, cyd] = await Promise.all([app.person(), app.person(), app.person()]);
    const a = await connect(ada);
    const { chatRoom } = await a.does<{ chatRoom: { id: string } }>('createChatRoom', {
      type: 'GROUP',
      participantIds: [bob.id],
    });
    const chatRoomId = chatRoom.id;
    const stream = (person: Person, query = '') =>
      SseClient.open(`${app.url}/sse/chat-rooms/${chatRoomId}/stream${query}`, {
        authorization: `Bearer ${person.token}`,
      });
    const tail = await stream(bob, '?since=99');
    await tail.event('reset');
    await a.does('joinChatRoom', { chatRoomId });
    await a.does('typing', { chatRoomId, isTyping: true });
    await a.does('addParticipants', { chatRoomId, participantIds: [cyd.id] });
    const said = await bob.post<{ id: string }>(`/chat-rooms/${chatRoomId}/messages`, { content: 'Tea?' });
    const messageId = said.body.id;
    await a.does('messageRead', { chatRoomId, messageId });
    await a.does('react', { messageId, emoji: '👍', on: true });
    await bob.patch(`/messages/${messageId}`, { content: 'Tea, please?' });
    await a.does('deleteMessage', { messageId });
    model.script(ANSWER);
    await a.does('sendMessage', { chatRoomId, content: `@assistant which tea does @${bob.id} like?` });
    await tail.event('message:done');
    await a.does('updateChatRoom', { chatRoomId, updates: { name: 'Tea time' } });
    await a.does('leaveChatRoom', { chatRoomId });
    await a.does('removeParticipant', { chatRoomId, participantId: cyd.id });
    await tail.event('participantRemoved');
    const other = await stream(ada, '?since=0');
    await ada.post('/auth/logout');
    await other.event('closing');
    const again = await stream(bob, '?since=0');
    await again.event('message:done');
    await bob.delete(`/chat-rooms/${chatRoomId}/participants/${bob.id}`);
    await Promise.all([tail.over(), again.over()]);
    a.close();
    for (const { frames } of [tail, other, again])
      for (const { event, data } of frames) checker.said('roomStream', event, data);
    for (const client of [tail, other, again]) client.close();
  });

  it('as lines of JSON', async () => {
    const ada = await app.person();
    const sessionId = await ada.session();
    const ask = async (prompt: string) => {
      const response = await fetch(`${app.url}/messages/stream`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ada.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ sessionId, prompt }),
      });
      for (const line of (await response.text()).trim().split('\n')) checker.saidOne('answerLines', JSON.parse(line));
    };
    model.script(ANSWER);
    await ask('Which?');
    model.script(BROKEN);
    await ask('And?');
    model.script(ENDLESS);
    const a = await connect(ada);
    await a.does('join', { sessionId });
    const cut = ask('Why?');
    await a.event('message:stream');
    await ada.post('/auth/logout');
    await cut;
    a.close();
  });

  it('in the snake_case dialect', async () => {
    const ada = await app.person();
    const ask = async (sessionId: string) => {
      const url = `${app.url}/api/v1/stream/chat/${sessionId}?message=Which%3F`;
      const client = await SseClient.open(url, { authorization: `Bearer ${ada.token}` });
      await client.over();
      for (const { event, data } of client.frames) {
        const type = typeof data['type'] === 'string' ? `.${data['type']}` : '';
        checker.said('apiV1Stream', `${event}${type}`, data);
      }
    };
    model.script(ANSWER);
    await ask(await ada.session());
    model.script(BROKEN);
    await ask(await ada.session());
    model.script({ deltas: ['Half'], ending: 'cut' });
    await ask(await ada.session());
  });

  it('on the plain WebSocket', async () => {
    const client = await PlainClient.connect(app.url);
    model.script(ANSWER);
    await client.ask('Which?');
    checker.took('plain', 'message', { type: 'message', content: 'Which?' });
    await client.ask('no JSON');
    await client.ask({ type: 'massage' });
    for (const frame of client.frames) checker.saidOne('plain', frame);
    client.close();
  });

  it('at the desk', async () => {
    const desk = await Desk.of(app);
    const [senior, operator] = [await desk.operator('senior_operator'), await desk.operator()];
    const [reader, leaving] = [await DeskSocket.open(app.url), await DeskSocket.enter(app.url, operator.token)];
    const says = (frame: { type: string } & Record<string, unknown>) => {
      reader.send(frame);
      checker.took('desk', frame.type, frame);
    };
    says({ type: 'auth', token: senior.token ?? '' });
    await reader.next('connection_established');
    const ada = await app.person();
    const chatId = await ada.session();
    model.script(ANSWER);
    const question = await ada.post<{ id: string }>('/messages', {
      sessionId: chatId,
      role: 'user',
      content: 'Which?',
    });
    await ada.post(`/sessions/${chatId}/escalate`, { reason: 'tea' });
    await reader.next('chat_update', (it) => it.chatId === chatId);
    says({ type: 'subscribe_to_chat', chatId });
    await reader.next('subscribed');
    await operator.move(chatId, 'take');
    await operator.move(chatId, 'return');
    model.script(ANSWER);
    await ada.patch(`/messages/${question.body.id}`, { content: 'Which tea?' });
    await reader.next('message_update', (it) => it.chatId === chatId);
    await reader.next('message_delta', (it) => it.chatId === chatId);
    says({ type: 'unsubscribe_from_chat', chatId });
    await reader.next('unsubscribed');
    says({ type: 'sync', since: reader.cursor ?? '' });
    await reader.next('synced');
    says({ type: 'ping' });
    await reader.next('pong');
    reader.send({ type: 'shout' });
    await reader.next('error');
    await operator.me({ status: 'online' });
    leaving.close();
    await reader.next('operator_status_change', ({ status }) => status === 'away');
    await ada.delete(`/sessions/${chatId}`);
    await reader.next('chat_removed');
    await reader.next('ping');
    for (const frame of [...reader.frames, ...leaving.frames]) checker.said('desk', frame.type, frame);
    reader.close();
  });

  it('is as described, and nothing that is described was not said', () => {
    expect(checker.problems).toEqual([]);
    const unseen = LIVE_DOORS.flatMap(({ id }) => checker.unseen(id).map((message) => `${id}: ${message}`));
    expect(unseen).toEqual([]);
  });
});
