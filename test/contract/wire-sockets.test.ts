import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApp } from '../support/app.js';
import { ChatClient } from '../support/chat-client.js';
import { eventually } from '../support/eventually.js';
import { httpCall } from '../support/http-call.js';
import type { Person } from '../support/person.js';
import { RawSocket } from '../support/raw-socket.js';
import { SseClient } from '../support/sse-client.js';

const COMMANDS_A_MINUTE = 40;
const MOST_SOCKETS = 3;
const GOOD_ORIGIN = 'https://good.example';

describe('the wire of Socket.IO', () => {
  let app: TestApp;
  let person: Person;
  let witness: Person;
  let sessionId: string;

  beforeAll(async () => {
    app = await TestApp.start({
      SOCKET_EVENTS_PER_MINUTE: String(COMMANDS_A_MINUTE),
      MAX_SOCKETS_PER_USER: String(MOST_SOCKETS),
      ALLOWED_ORIGINS: GOOD_ORIGIN,
    });
    [person, witness] = await Promise.all([app.person(), app.person()]);
    sessionId = await person.session();
  });
  afterAll(() => app.close());

  const join = () => JSON.stringify(['join', { sessionId }]);

  /** Does something to a connection and shows that another one, of somebody else, is still served. */
  async function withWitness(work: (raw: RawSocket) => Promise<void>): Promise<void> {
    const [raw, other] = await Promise.all([
      RawSocket.enter(app.url, person.token ?? ''),
      RawSocket.enter(app.url, witness.token ?? ''),
    ]);
    await work(raw);
    expect(await other.command(1, JSON.stringify(['join', { sessionId }]))).toMatchObject({
      ok: false,
      error: { code: 'SESSION_NOT_FOUND' },
    });
    raw.close();
    other.close();
    await Promise.all([raw.closed, other.closed]);
  }

  const isClosed = (raw: RawSocket) => raw.closed.then(() => true);

  it.each([
    ['no token', {}],
    ['an empty token', { token: '' }],
    ['an object', { token: { length: 3 } }],
    ['a list', { token: ['x'] }],
    ['what is no token', { token: 'x.y.z' }],
    ['40 KB of it', { token: 'x'.repeat(40_000) }],
    ['an unsigned token', { token: `${btoa('{"alg":"none"}')}.${btoa('{"sub":"x"}')}.` }],
  ])('refuses %s with the code in the data of connect_error', async (_what, auth) => {
    const raw = await RawSocket.open(app.url);
    raw.send(`40/chat,${JSON.stringify(auth)}`);
    const frame = await raw.next((text) => text.startsWith('44/chat,'));
    expect(JSON.parse(frame.slice(8))).toEqual({
      message: expect.any(String),
      data: { code: 'UNAUTHORIZED', message: expect.any(String) },
    });
    raw.close();
  });

  it('takes the token from the Authorization header too', async () => {
    const raw = await RawSocket.open(app.url, { authorization: `Bearer ${person.token}` });
    raw.send('40/chat,');
    expect(await raw.next((text) => text.includes('"connected"'))).toContain(person.id);
    raw.close();
    await raw.closed;
  });

  it.each(['https://evil.example', 'null', 'https://good.example.evil.com', 'http://good.example', 'file://'])(
    'refuses pages of %s on both transports',
    async (origin) => {
      await expect(RawSocket.open(app.url, { origin })).rejects.toThrow(/403|401|400/);
      const polling = await httpCall(Number(new URL(app.url).port), 'GET', '/socket.io/?EIO=4&transport=polling', {
        origin,
      });
      expect([polling.status, polling.headers['access-control-allow-origin']]).toEqual([403, undefined]);
    },
  );

  it.each([[GOOD_ORIGIN], [undefined]])('lets pages of %s in', async (origin) => {
    const headers: Record<string, string> = origin === undefined ? {} : { origin };
    const raw = await RawSocket.open(app.url, headers);
    raw.send(`40/chat,${JSON.stringify({ token: person.token })}`);
    await raw.next((text) => text.includes('"connected"'));
    raw.close();
    await raw.closed;
    const port = Number(new URL(app.url).port);
    expect((await httpCall(port, 'GET', '/socket.io/?EIO=4&transport=polling', headers)).status).toBe(200);
  });

  it.each([
    ['a number as its name', '[1,{}]'],
    ['a negative number as its name', '[-1]'],
    ['an empty name', '["",{}]'],
    ['nothing but a name', '["join"]'],
    ['30 000 levels', `["join",${'['.repeat(30_000)}${']'.repeat(30_000)}]`],
    ['30 000 levels around a field', `["join",{"sessionId":${'['.repeat(30_000)}${']'.repeat(30_000)}}]`],
    ['a key named __proto__', '["join",{"sessionId":{"__proto__":{"x":1}}}]'],
    ['escaped NUL', '["join",{"sessionId":"\\u0000"}]'],
  ])('answers a command with %s, by ack and without', async (_what, args) => {
    await withWitness(async (raw) => {
      expect(await raw.command(7, args)).toMatchObject({
        ok: false,
        error: { code: expect.stringMatching(/^[A-Z_]+$/) },
      });
      raw.send(`42/chat,${args}`);
      expect(await raw.next((frame) => frame.startsWith('42/chat,["error"'))).not.toContain('INTERNAL');
      expect(await raw.command(8, join())).toMatchObject({ ok: true });
    });
  });

  it.each([
    ['a list instead of an object', '40/chat,[]'],
    ['an unknown packet', '49/chat,{}'],
    ['a reserved event', '42/chat,["disconnect"]'],
    ['half a packet', '42/chat,["join",'],
    ['a thousand attachments that never come', '451000-/chat,["join",{"_placeholder":true,"num":0}]'],
    ['more than 64 KB', `42/chat,["join","${'x'.repeat(64 * 1024)}"]`],
    ['a megabyte', 'x'.repeat(1024 * 1024)],
  ])('ends only the connection that sent %s', async (_what, frame) => {
    await withWitness(async (raw) => {
      raw.send(frame);
      // What comes after attachments that never come is no attachment.
      raw.send('42/chat,["join"]');
      expect(await isClosed(raw)).toBe(true);
    });
  });

  it('refuses bytes where an object is due', async () => {
    await withWitness(async (raw) => {
      raw.send('451-/chat,3["join",{"_placeholder":true,"num":0}]');
      raw.send(Buffer.from('{"sessionId":"x"}'));
      const ack = await raw.next((frame) => frame.startsWith('43/chat,3'));
      expect(ack).toContain('VALIDATION_FAILED');
    });
  });

  it('refuses a namespace that is not there', async () => {
    const raw = await RawSocket.open(app.url);
    raw.send('40/admin,{}');
    expect(await raw.next((frame) => frame.startsWith('44/admin,'))).toContain('Invalid namespace');
    raw.close();
  });

  it.each(['join', 'no such command'])('holds a flood of "%s" to its limit', async (event) => {
    await withWitness(async (raw) => {
      const payload = JSON.stringify([event, { sessionId }]);
      for (let id = 0; id < COMMANDS_A_MINUTE + 5; id++) raw.send(`42/chat,${100 + id}${payload}`);
      const answers = await Promise.all(
        Array.from({ length: COMMANDS_A_MINUTE + 5 }, (_, id) =>
          raw.next((frame) => frame.startsWith(`43/chat,${100 + id}[`)),
        ),
      );
      const limited = answers.filter((frame) => frame.includes('RATE_LIMITED'));
      expect(limited).toHaveLength(5);
      expect(limited[0]).toMatch(/"retryAfterSeconds":\d+/);
    });
  });

  it('lets one person have so many connections and no more, however many come at once', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 12 }, () => ChatClient.connect(app.url, person.token ?? '')),
    );
    const open = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    for (const client of open) client.close();
    expect(open).toHaveLength(MOST_SOCKETS);
    for (const reason of refused) expect(reason).toMatchObject({ data: { code: 'TOO_MANY_CONNECTIONS' } });
  });

  it('counts streams among them, before anything is asked', async () => {
    const bearer = { authorization: `Bearer ${person.token}` };
    const address = `${app.url}/sse/sessions/${sessionId}/stream`;
    const streams = await Promise.all(Array.from({ length: MOST_SOCKETS }, () => SseClient.open(address, bearer)));
    expect(streams.map(({ status }) => status)).toEqual([200, 200, 200]);
    const refused = await Promise.all([
      person.get(`/sse/sessions/${sessionId}/stream`),
      person.post('/messages/stream', { sessionId, prompt: 'x' }),
    ]);
    for (const { status, body, headers } of refused)
      expect([status, body['code'], headers.get('retry-after')]).toEqual([429, 'TOO_MANY_CONNECTIONS', '10']);
    expect(await person.messages(sessionId)).toEqual([]);
    await expect(ChatClient.connect(app.url, person.token ?? '')).rejects.toMatchObject({
      data: { code: 'TOO_MANY_CONNECTIONS' },
    });
    for (const stream of streams) stream.close();
    await eventuallyFree(address, bearer);
  });

  it('forgets those that leave while they are let in', async () => {
    const address = `${app.url}/sse/sessions/${sessionId}/stream`;
    const tickets = await Promise.all(
      Array.from({ length: 10 }, async () => (await person.post<{ ticket: string }>('/sse/ticket')).body.ticket),
    );
    await Promise.all(
      tickets.map(async (ticket, delayMs) => {
        const request = httpRequest(`${address}?ticket=${ticket}`, { agent: false });
        request.on('error', () => undefined).end();
        setTimeout(() => request.destroy(), delayMs);
        await new Promise((resolve) => request.once('close', resolve));
      }),
    );
    await eventuallyFree(address, { authorization: `Bearer ${person.token}` });
  });

  /** All places of the person can be taken again. */
  async function eventuallyFree(address: string, headers: Record<string, string>): Promise<void> {
    await eventually(async () => {
      const streams = await Promise.all(Array.from({ length: MOST_SOCKETS }, () => SseClient.open(address, headers)));
      for (const stream of streams) stream.close();
      return streams.every(({ status }) => status === 200);
    });
  }
});
