import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { LiveHub } from '../../src/gateway/delivery/live-hub.js';
import { TestApp } from '../support/app.js';
import { ChatClient } from '../support/chat-client.js';
import { eventually } from '../support/eventually.js';
import { FaultProxy } from '../support/fault-proxy.js';
import type { Person } from '../support/person.js';
import { PlainClient } from '../support/plain-client.js';
import { SseClient } from '../support/sse-client.js';

const PING_INTERVAL_MS = 400;
const PING_TIMEOUT_MS = 2_500;
/** The last chance of a busy machine. */
const SLACK_MS = 10_000;
const ACCESS_TOKEN_TTL_S = 3;
/** A signed-in plain connection counts twice: as a socket, and as a reader of its session. */
const PLAIN = 2;

describe('a reader whose connection is there and leads nowhere', () => {
  let app: TestApp;
  let proxy: FaultProxy;
  let person: Person;
  const closers: (() => void | Promise<void>)[] = [];

  beforeAll(async () => {
    app = await TestApp.start({
      PING_INTERVAL_MS: String(PING_INTERVAL_MS),
      PING_TIMEOUT_MS: String(PING_TIMEOUT_MS),
    });
    proxy = await FaultProxy.start(app.url);
    person = await app.person();
  });

  afterEach(async () => {
    proxy.fault = () => ({});
    proxy.cutAll();
    person.closeSockets();
    for (const close of closers.splice(0).reverse()) await close();
    await eventually(() => app.get(LiveHub).size() === 0);
  });

  afterAll(async () => {
    await proxy.stop();
    await app.close();
  });

  /** From now on nothing passes, in either direction, and neither side is told. */
  function blackHole(): void {
    // A client that polls opens more connections.
    proxy.fault = () => ({ swallowAfter: { up: 0, down: 0 } });
    for (const connection of proxy.open) for (const direction of ['up', 'down'] as const) connection.swallow(direction);
  }

  async function noticed(count: number): Promise<number> {
    const begin = performance.now();
    await eventually(() => app.get(LiveHub).size() === count, PING_INTERVAL_MS + PING_TIMEOUT_MS + SLACK_MS);
    return Math.round(performance.now() - begin);
  }

  it.each(['websocket', 'polling'] as const)(
    'is noticed on Socket.IO (%s) by its silence; who answers stays',
    async (transport) => {
      const good = await person.socket();
      await ChatClient.connect(proxy.url, person.token!, { transports: [transport] });
      expect(app.get(LiveHub).size()).toBe(2);
      blackHole();
      const after = await noticed(1);
      console.info(
        `Socket.IO, ${transport}: noticed after ${after} ms (ping ${PING_INTERVAL_MS} + ${PING_TIMEOUT_MS})`,
      );
      expect(await good.command('join', { sessionId: await person.session() })).toMatchObject({ ok: true });
    },
  );

  it('is not online any more for those who share a room with it', async () => {
    const [mate, gone] = [await app.person(), await app.person()];
    closers.push(() => mate.closeSockets());
    const watching = await mate.socket();
    await watching.command('createChatRoom', { type: 'DIRECT', participantIds: [gone.id] });
    await ChatClient.connect(proxy.url, gone.token!);
    await watching.event('presence', ({ userId, online }) => userId === gone.id && online === true);
    blackHole();
    await watching.event('presence', ({ userId, online }) => userId === gone.id && online === false);
  });

  it('is noticed on the plain WebSocket by its silence; who answers stays', async () => {
    const path = `/?token=${person.token}&sessionId=${await person.session()}`;
    const good = await PlainClient.connect(app.url, path);
    closers.push(() => good.close());
    await PlainClient.connect(proxy.url, path);
    await eventually(() => app.get(LiveHub).size() === 2 * PLAIN);
    blackHole();
    const after = await noticed(PLAIN);
    console.info(`plain WebSocket: noticed after ${after} ms (ping ${PING_INTERVAL_MS} + ${PING_TIMEOUT_MS})`);
    expect((await good.ask('hello')).end).toEqual({ type: 'done' });
  });

  it('is held on SSE no longer than its token, even if somebody in between takes all that it is told', async () => {
    const own = await TestApp.start({ ACCESS_TOKEN_TTL_S: String(ACCESS_TOKEN_TTL_S) });
    closers.push(() => own.close());
    const between = await FaultProxy.start(own.url);
    closers.push(() => between.stop());
    const reader = await own.person();
    const session = await reader.session();
    await SseClient.open(`${between.url}/sse/sessions/${session}/stream`, { authorization: `Bearer ${reader.token}` });
    await eventually(() => own.get(LiveHub).size() === 1);
    for (const connection of between.open) connection.swallow('down');
    await eventually(() => own.get(LiveHub).size() === 0, ACCESS_TOKEN_TTL_S * 1000 + SLACK_MS);
  });
});
