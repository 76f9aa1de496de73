import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ChatRoomResponse } from '../../src/chat-rooms/dto/chat-room.response.dto.js';
import type { MessageResponse } from '../../src/messages/dto/message.response.dto.js';
import type { Ack, ChatClient } from '../support/chat-client.js';
import type { Person } from '../support/person.js';
import { SseClient } from '../support/sse-client.js';
import { Stopwatch } from '../support/stopwatch.js';
import { TwoNodes } from '../support/two-nodes.js';

const WORDS = Array.from({ length: 120 }, (_, index) => `word${index} `);
const WHOLE = WORDS.join('');
const SLOWLY = { deltas: WORDS, everyMs: 15 };

interface Joined extends Ack {
  messages: MessageResponse[];
  streaming?: { messageId: string; content: string };
}

/** What a reader shows of one message; `holes`: pieces that did not follow what was there. */
function shown(client: ChatClient, messageId: string, start: string): { text: string; holes: number } {
  let text = start;
  let holes = 0;
  for (const { payload } of client.received.filter(({ event }) => event === 'message:stream')) {
    if (payload['messageId'] !== messageId) continue;
    const offset = payload['offset'] as number;
    if (offset > text.length) holes++;
    text = text.slice(0, offset) + (payload['delta'] as string);
  }
  return { text, holes };
}

describe('two nodes on one PostgreSQL and one Redis', () => {
  let nodes: TwoNodes;

  beforeAll(async () => {
    nodes = await TwoNodes.start();
  });
  afterAll(() => nodes.close());
  afterEach(() => nodes.closeSockets());

  async function joined(person: Person, node: TwoNodes['a'], sessionId: string): Promise<[ChatClient, Joined]> {
    const client = await nodes.socket(node, person);
    const ack = (await client.command('join', { sessionId })) as Joined;
    expect(ack.ok).toBe(true);
    return [client, ack];
  }

  async function answering(person: Person): Promise<{ sessionId: string; onA: ChatClient; messageId: string }> {
    nodes.model.script(SLOWLY);
    const sessionId = await person.session();
    const [onA] = await joined(person, nodes.a, sessionId);
    expect(await onA.command('message:send', { sessionId, content: 'tell me' })).toMatchObject({ ok: true });
    const { messageId } = await onA.event('message:stream');
    return { sessionId, onA, messageId: messageId as string };
  }

  it('tell readers of one what is said on the other, in the order of the numbers, and the answer piece by piece', async () => {
    const ada = await nodes.a.person();
    const sessionId = await ada.session();
    const [onB] = await joined(ada, nodes.b, sessionId);
    nodes.model.script(SLOWLY);
    expect(
      (await nodes.rest(nodes.a, ada).post(`/messages`, { sessionId, role: 'user', content: 'hello' })).status,
    ).toBe(201);
    const done = await onB.event('message:done');
    const answer = await onB.event('message:new', ({ role }) => role === 'assistant');
    expect(done).toMatchObject({ messageId: answer['id'], status: 'complete' });
    const read = shown(onB, answer['id'] as string, '');
    expect(read).toEqual({ text: WHOLE, holes: 0 });
    expect(onB.all('message:stream').length).toBeGreaterThan(20);
    expect(onB.all('message:new').map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it('let a reader in on the other node in the middle of an answer', async () => {
    const ada = await nodes.a.person();
    const { sessionId, messageId } = await answering(ada);
    const [onB, { streaming }] = await joined(ada, nodes.b, sessionId);
    expect(streaming?.messageId).toBe(messageId);
    expect(WHOLE.startsWith(streaming?.content ?? 'nothing')).toBe(true);
    await onB.event('message:done');
    expect(shown(onB, messageId, streaming?.content ?? '')).toEqual({ text: WHOLE, holes: 0 });
  });

  it('resume an event stream on the other node', async () => {
    const ada = await nodes.a.person();
    const sessionId = await ada.session();
    nodes.model.script(SLOWLY);
    const headers = { authorization: `Bearer ${ada.token}` };
    const query = new URLSearchParams({ prompt: 'tell me', requestId: 'once' }).toString();
    const first = await SseClient.open(`${nodes.a.url}/sse/sessions/${sessionId}/stream?${query}`, headers);
    await first.until(() => first.of('message:stream').length > 10, 'pieces');
    first.close();
    let text = first.of('message:stream').reduce((all, { delta }) => all + (delta as string), '');
    const lastEventId = first.lastId ?? '';
    const second = await SseClient.open(`${nodes.b.url}/sse/sessions/${sessionId}/stream?${query}`, {
      ...headers,
      'last-event-id': lastEventId,
    });
    await second.over();
    let holes = 0;
    for (const { offset, delta } of second.of('message:stream')) {
      if ((offset as number) > text.length) holes++;
      text = text.slice(0, offset as number) + (delta as string);
    }
    expect({ text, holes }).toEqual({ text: WHOLE, holes: 0 });
    expect(second.of('message:done')).toMatchObject([{ status: 'complete' }]);
  });

  it('stop an answer from the other node: the provider sees it at once, the text that was shown is kept', async () => {
    const ada = await nodes.a.person();
    const { onA, messageId } = await answering(ada);
    const [call] = nodes.model.calls;
    const watch = new Stopwatch();
    expect((await nodes.rest(nodes.b, ada).post(`/messages/${messageId}/stop`)).status).toBe(200);
    const { at } = await call!.closed;
    expect(watch.ms(at)).toBeLessThan(1_000);
    const update = await onA.event('message:update', ({ id, status }) => id === messageId && status === 'stopped');
    expect(update['content']).toBe(shown(onA, messageId, '').text);
  });

  it('give way to a newer message on the other node', async () => {
    const ada = await nodes.a.person();
    const { sessionId, onA, messageId } = await answering(ada);
    const [call] = nodes.model.calls;
    const rest = nodes.rest(nodes.b, ada);
    expect((await rest.post('/messages', { sessionId, role: 'user', content: 'no, this' })).status).toBe(201);
    await call!.closed;
    await onA.event('message:update', ({ id, status }) => id === messageId && status === 'stopped');
    const next = await onA.event('message:new', ({ role, id }) => role === 'assistant' && id !== messageId);
    await onA.event('message:done', (done) => done['messageId'] === next['id']);
    expect(shown(onA, next['id'] as string, '')).toEqual({ text: WHOLE, holes: 0 });
  });

  it.each(['the message', 'the session', 'the account'])(
    'end the answer when %s is deleted on the other',
    async (what) => {
      const ada = await nodes.a.person();
      const { sessionId, messageId } = await answering(ada);
      const [call] = nodes.model.calls;
      const rest = nodes.rest(nodes.b, ada);
      const path = { 'the message': `/messages/${messageId}`, 'the session': `/sessions/${sessionId}` }[what];
      const answer = await (path ? rest.delete(path) : rest.call('DELETE', '/users/me', { password: ada.password }));
      expect(answer.status).toBeLessThan(300);
      const { byClient } = await call!.closed;
      expect(byClient).toBe(true);
      expect(call!.sent).toBeLessThan(WORDS.length);
    },
  );

  it('tell a room what happens in it, whichever node it happens on', async () => {
    const [ada, bob] = await Promise.all([nodes.a.person(), nodes.a.person()]);
    const room = await ada.post<ChatRoomResponse>('/chat-rooms', { type: 'GROUP', participantIds: [bob.id] });
    const chatRoomId = room.body.id;
    const onA = await nodes.socket(nodes.a, ada);
    const onB = await nodes.socket(nodes.b, bob);
    for (const client of [onA, onB]) await client.command('joinChatRoom', { chatRoomId });
    for (let index = 0; index < 21; index++) {
      const client = index % 2 === 0 ? onA : onB;
      const content = `line ${index}`;
      expect(await client.command('sendMessage', { chatRoomId, content })).toMatchObject({ ok: true });
    }
    for (const client of [onA, onB]) {
      await client.until(() => client.all('newMessage').length === 21, '21 messages');
      const seqs = client.all('newMessage').map(({ message }) => (message as MessageResponse).seq);
      expect(seqs).toEqual([...seqs].sort((one, other) => one - other));
    }
    await onB.command('messageRead', {
      chatRoomId,
      messageId: (onB.all('newMessage')[20]!['message'] as MessageResponse).id,
    });
    await onA.event('messageRead', ({ readBy }) => readBy === bob.id);
    expect((await ada.delete(`/chat-rooms/${chatRoomId}/participants/${bob.id}`)).status).toBeLessThan(300);
    await onB.event('removedFromChatRoom');
    const before = onB.all('newMessage').length;
    await onA.command('sendMessage', { chatRoomId, content: 'he is gone' });
    await onA.event('newMessage', ({ message }) => (message as MessageResponse).content === 'he is gone');
    expect(await onB.command('sendMessage', { chatRoomId, content: 'am I?' })).toMatchObject({ ok: false });
    expect(onB.all('newMessage').length).toBe(before);
  });

  it.each(['/auth/logout', '/auth/logout?all=true'])(
    'close connections on both when somebody signs out: %s',
    async (path) => {
      const ada = await nodes.a.person();
      const onB = await nodes.socket(nodes.b, ada);
      expect((await nodes.rest(nodes.b, ada).get('/auth/me')).status).toBe(200);
      const watch = new Stopwatch();
      expect((await ada.post(path)).status).toBeLessThan(300);
      await onB.event('disconnect');
      expect(watch.ms()).toBeLessThan(1_000);
      expect((await nodes.rest(nodes.b, ada).get('/auth/me')).status).toBe(401);
    },
  );
});
