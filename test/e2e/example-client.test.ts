import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ParleyClient, type Commands, type Conversation, type Events } from '../../docs/examples/parley-client.js';
import type { CommandAck, CommandInput } from '../../src/gateway/contract/client-events.js';
import type { ServerEventPayloads } from '../../src/gateway/contract/server-events.js';
import { ChatGateway } from '../../src/gateway/socketio/chat.gateway.js';
import type { ChatSocket } from '../../src/gateway/socketio/chat-socket.js';
import type { MessageResponse } from '../../src/messages/dto/message.response.dto.js';
import { TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { FaultProxy } from '../support/fault-proxy.js';
import type { Person } from '../support/person.js';
import { ScriptedOpenAi } from '../support/scripted-openai.js';

/** What the example sends is what the server takes, and what the server says is what the example reads; else this does not compile. */
type Sends = { [N in keyof Commands]: Commands[N]['send'] extends CommandInput<N> ? true : false };
type IsAnswered = { [N in keyof Commands]: CommandAck<N> extends Commands[N]['ack'] ? true : false };
type IsTold = { [N in keyof Events]: ServerEventPayloads[N] extends Events[N] ? true : false };
const FITS: [Sends[keyof Sends], IsAnswered[keyof IsAnswered], IsTold[keyof IsTold]][] = [[true, true, true]];
const MUST_FIT: [true, true, true][] = FITS;

const sockets = (app: TestApp) =>
  [...(app.get(ChatGateway)['namespace']?.sockets.values() ?? [])] as Pick<ChatSocket, 'id' | 'data'>[];

const WORDS = Array.from({ length: 120 }, (_, index) => `слово ${index} 🍵 `);

function until(conversation: Conversation, condition: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`did not come: ${JSON.stringify(conversation.messages).slice(-2000)}`)),
      30_000,
    );
    conversation.onChange = () => {
      if (!condition()) return;
      clearTimeout(timer);
      conversation.onChange = () => undefined;
      resolve();
    };
    conversation.onChange();
  });
}

describe('the example client', () => {
  let model: ScriptedOpenAi;
  let app: TestApp;
  let proxy: FaultProxy;
  const clients: ParleyClient[] = [];

  beforeAll(async () => {
    model = await ScriptedOpenAi.start();
    app = await TestApp.start({ OPENAI_BASE_URL: model.baseUrl });
    proxy = await FaultProxy.start(app.url);
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
    proxy.fault = () => ({});
  });
  afterAll(async () => {
    await proxy.stop();
    await app.close();
    await model.stop();
  });

  /** Somebody signed in and the example client of theirs, behind the proxy. */
  async function somebody(): Promise<{ person: Person; client: ParleyClient }> {
    const person = await app.person();
    const tokens = { accessToken: person.token ?? '', refreshToken: person.refreshToken, expiresIn: 900 };
    const client = new ParleyClient(proxy.url, tokens);
    clients.push(client);
    return { person, client };
  }

  const stored = async (person: Person, path: string) =>
    (await person.get<MessageResponse[]>(`${path}?limit=100`)).body.map(({ id, content, changeSeq }) => ({
      id,
      content,
      changeSeq,
    }));
  const shown = ({ messages }: Conversation) =>
    messages.map(({ id, content, changeSeq }) => ({ id, content, changeSeq }));

  it('is typed as the contract says', () => expect(MUST_FIT).toEqual([[true, true, true]]));

  it('shows what others said, changed and deleted while its connection was cut', async () => {
    const [ada, bob] = await Promise.all([somebody(), somebody()]);
    const { body } = await ada.person.post<{ id: string }>('/chat-rooms', {
      type: 'GROUP',
      participantIds: [bob.person.id],
    });
    const path = `/chat-rooms/${body.id}/messages`;
    const [a, b] = [ada.client.room(body.id), bob.client.room(body.id)];
    const first = await a.send('Which tea?');
    const second = await b.send('Green.');
    await until(a, () => a.messages.length === 2);

    let isAway = true;
    proxy.fault = () => (isAway ? { cutAfter: { up: 0 } } : {});
    proxy.cutAll();
    await bob.person.post(path, { content: 'Or black?' });
    await bob.person.patch(`/messages/${second.id}`, { content: 'Green, please.' });
    await ada.person.delete(`/messages/${first.id}`);
    isAway = false;

    await until(a, () => a.messages.length === 3);
    await until(b, () => b.messages.length === 3);
    const now = await stored(ada.person, path);
    expect(now.map(({ content }) => content)).toEqual(['', 'Green, please.', 'Or black?']);
    expect([shown(a), shown(b)]).toEqual([now, now]);
  });

  it('says once what it had to repeat because the ack was lost', async () => {
    const { person, client } = await somebody();
    const { body } = await person.post<{ id: string }>('/chat-rooms', { type: 'GROUP', participantIds: [] });
    const room = client.room(body.id);
    await room.send('One');
    // The server hears it, and nobody hears the server.
    for (const connection of proxy.open) connection.swallow('down');
    const sending = room.send('Two');
    const path = `/chat-rooms/${body.id}/messages`;
    await eventually(async () => (await stored(person, path)).length === 2);
    proxy.cutAll();
    const message = await sending;
    const now = await stored(person, path);
    expect(now.map(({ content }) => content)).toEqual(['One', 'Two']);
    expect(now[1]?.id).toBe(message.id);
    await until(room, () => room.messages.length === 2);
    expect(shown(room)).toEqual(now);
  });

  it('shows an answer as it is written, whole in the end, over connections that break in the middle', async () => {
    const { person, client } = await somebody();
    model.script({ deltas: WORDS, everyMs: 20 });
    const sessionId = await person.session();
    const session = client.session(sessionId);
    await session.send('Tell me about tea.');
    const lengths: number[] = [];
    const answer = () => session.messages.find(({ role }) => role === 'assistant');
    await until(session, () => (answer()?.content.length ?? 0) > 100);
    proxy.cutAll();
    await until(session, () => {
      lengths.push(answer()?.content.length ?? 0);
      return answer()?.status === 'complete';
    });
    expect(answer()?.content).toBe(WORDS.join(''));
    // It grew, and was never taken back.
    expect(new Set(lengths).size).toBeGreaterThan(2);
    expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
    expect(shown(session)).toEqual(await stored(person, `/messages/${sessionId}`));
  });

  it('outlives its access token on one connection', async () => {
    const person = await app.person();
    const { body } = await person.post<{ id: string }>('/chat-rooms', { type: 'GROUP', participantIds: [] });
    // As if this one ended in a moment: it is renewed at once, and again and again.
    const tokens = { accessToken: person.token ?? '', refreshToken: person.refreshToken, expiresIn: 1 };
    const client = new ParleyClient(proxy.url, tokens);
    clients.push(client);
    const room = client.room(body.id);
    await room.send('One');
    const ends = () =>
      sockets(app)
        .filter(({ data }) => data.actor.userId === person.id)
        .map(({ id, data }) => ({ id, at: data.actor.expiresAt }));
    const before = ends();
    // Ends are whole seconds.
    await eventually(() => (ends()[0]?.at ?? 0) > (before[0]?.at ?? Infinity));
    expect(ends().map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    await room.send('Two');
    expect(room.messages.map(({ content }) => content)).toEqual(['One', 'Two']);
  });

  it('ends when somebody signs out, and says so', async () => {
    const { person, client } = await somebody();
    const over = new Promise<string>((resolve) => (client.onSignedOut = resolve));
    const { body } = await person.post<{ id: string }>('/chat-rooms', { type: 'GROUP', participantIds: [] });
    await client.room(body.id).send('One');
    await person.post('/auth/logout');
    expect(await over).toBe('signed_out');
  });
});
