import type { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { AppShutdown } from '../../src/app.shutdown.js';
import { DeskConnections } from '../../src/gateway/desk/desk-connections.js';
import { ADMIN, Desk, type DeskClient } from '../support/desk.js';
import { DeskSocket } from '../support/desk-socket.js';
import { eventually } from '../support/eventually.js';
import { FaultProxy } from '../support/fault-proxy.js';

const PING = { PING_INTERVAL_MS: '400', PING_TIMEOUT_MS: '800' };
const MEBIBYTE = 1024 * 1024;

describe('the door of the desk', () => {
  let desk: Desk;
  let operator: DeskClient;
  const closers: (() => void | Promise<void>)[] = [];

  beforeAll(async () => {
    desk = await Desk.start(PING);
    operator = await desk.operator();
  });
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  afterAll(() => desk.close());

  async function keep(opening: Promise<DeskSocket>): Promise<DeskSocket> {
    const socket = await opening;
    closers.push(() => socket.close());
    return socket;
  }
  const enter = (who = operator, url = desk.app.url) => keep(DeskSocket.enter(url, who.token));
  const open = (query = '', url = desk.app.url) => keep(DeskSocket.open(url, query));
  const size = (of = desk) => of.app.get(DeskConnections).size();

  it.each([
    ['no JSON', '{"type":', 'INVALID_JSON'],
    ['a binary frame', Buffer.from('{"type":"ping"}'), 'INVALID_JSON'],
    ['an array', [], 'VALIDATION_FAILED'],
    ['null', 'null', 'VALIDATION_FAILED'],
    ['an unknown type', { type: 'shout' }, 'UNKNOWN_EVENT'],
    ['no type', {}, 'UNKNOWN_EVENT'],
    ['a type that is no text', { type: { a: 1 } }, 'UNKNOWN_EVENT'],
    ['a name of every object', { type: 'constructor' }, 'UNKNOWN_EVENT'],
    ['an absent chat', { type: 'subscribe_to_chat', chatId: '01a1fd51-a309-72ac-ac2d-d78de8d94547' }, 'CHAT_NOT_FOUND'],
    ['a chat that is no id', { type: 'subscribe_to_chat', chatId: "' OR 1=1" }, 'CHAT_NOT_FOUND'],
    ['a chat that is no text', { type: 'subscribe_to_chat', chatId: ['x'] }, 'VALIDATION_FAILED'],
    ['a cursor that is no cursor', { type: 'sync', since: { a: 1 } }, 'VALIDATION_FAILED'],
    ['a number below 0', { type: 'sync', since: -1 }, 'VALIDATION_FAILED'],
    ['deep nesting', `{"type":"ping","more":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, 'VALIDATION_FAILED'],
    ['__proto__', '{"type":"ping","__proto__":{"a":1}}', 'VALIDATION_FAILED'],
  ])('refuses %s with an error frame and stays open', async (_, frame, code) => {
    const socket = await enter();
    socket.send(frame);
    expect(await socket.next('error')).toMatchObject({ code });
    await socket.caughtUp();
  });

  it('tells who cannot be told everything to load it anew', async () => {
    const socket = await enter();
    socket.send({ type: 'sync', since: '00000000.5' });
    expect(await socket.next('synced')).toMatchObject({ complete: false });
    const { chatId } = await desk.waiting();
    await socket.next('chat_update', (it) => it.chatId === chatId);
  });

  it('closes what is larger than 64 KiB, and what never ends', async () => {
    const large = await enter();
    large.send({ type: 'ping', more: 'x'.repeat(65 * 1024) });
    expect((await large.over()).code).toBe(1009);
    const endless = await enter();
    for (let count = 0; count < 200; count++) endless.socket.send('x', { fin: false });
    expect((await endless.over()).code).toBe(1008);
  });

  it.each([
    ['no operator', async () => `token=${(await desk.app.person()).token}`, 4403, 'FORBIDDEN'],
    ['a forged token', () => Promise.resolve('token=eyJhbGciOiJub25lIn0.e30.'), 4401, 'UNAUTHORIZED'],
    ['an unknown ticket', () => Promise.resolve('ticket=nothing'), 4401, 'TICKET_INVALID'],
  ] as const)('turns away %s', async (_, query, code, reason) => {
    const socket = await open(await query());
    expect(await socket.over()).toEqual({ code, reason });
    expect(socket.frames.map(({ type }) => type)).toEqual(['error']);
  });

  it('turns away who sends no token within ten seconds', async () => {
    const socket = await open();
    expect(await socket.over()).toEqual({ code: 4401, reason: 'UNAUTHORIZED' });
  }, 20_000);

  it('closes at once who signs out or loses the role', async () => {
    const [leaving, demoted] = [await desk.operator(), await desk.operator('senior_operator')];
    const [first, second] = [await enter(leaving), await enter(demoted)];
    await leaving.post('/auth/logout');
    expect((await first.over()).code).toBe(4401);
    await desk.admin.patch(`/api/operators/${demoted.id}`, { role: 'operator' });
    expect((await second.over()).code).toBe(4403);
  });

  it('closes a reader that does not listen; nothing is missing when it comes back, and others are told all', async () => {
    const [slow, good] = [await enter(desk.admin), await enter(desk.admin)];
    const customer = await desk.waiting();
    await slow.next('new_message', ({ chatId }) => chatId === customer.chatId);
    const cursor = await slow.until(() => slow.cursor);
    const paused = (slow.socket as unknown as { _socket: Socket })._socket;
    paused.pause();
    const before = process.memoryUsage.rss();
    const [here, text] = [size(), 'x'.repeat(9_000)];
    let said = 0;
    while (size() === here && said < 3_000)
      await Promise.all(Array.from({ length: 20 }, () => customer.say(`${said++} ${text}`)));
    const grown = Math.round((process.memoryUsage.rss() - before) / MEBIBYTE);
    console.info(`a paused desk: closed after ${said} messages of 9 KB, the process grew by ${grown} MiB`);
    expect(size()).toBe(here - 1);
    paused.resume();
    const of = (socket: DeskSocket) => new Set(socket.texts(customer.chatId).map((it) => it.split(' ')[0]));
    await good.until(() => of(good).size > said);
    const again = await keep(DeskSocket.enter(desk.app.url, desk.admin.token, cursor));
    await again.next('synced');
    expect(Array.from({ length: said }, (_, place) => String(place)).filter((it) => !of(again).has(it))).toEqual([]);
  }, 120_000);

  it('notices a connection that leads nowhere; who answers stays and hears where it stands', async () => {
    const proxy = await FaultProxy.start(desk.app.url);
    closers.push(() => proxy.stop());
    const good = await enter();
    await enter(operator, proxy.url);
    const here = size();
    for (const connection of proxy.open) for (const way of ['up', 'down'] as const) connection.swallow(way);
    const begin = performance.now();
    await eventually(() => size() === here - 1);
    console.info(
      `a desk that leads nowhere: noticed after ${Math.round(performance.now() - begin)} ms (ping 400 + 800)`,
    );
    expect(good.closed).toBeNull();
    expect(await good.next('ping')).toHaveProperty('cursor');
  });

  it('bounds connections of a person, and frames of a connection', async () => {
    const own = await Desk.start({ MAX_SOCKETS_PER_USER: '2', SOCKET_EVENTS_PER_MINUTE: '5' });
    closers.push(() => own.close());
    const [first] = [await enter(own.admin, own.app.url), await enter(own.admin, own.app.url)];
    const third = await open(`token=${own.admin.token}`, own.app.url);
    expect(await third.over()).toEqual({ code: 1013, reason: 'TOO_MANY_CONNECTIONS' });
    for (let count = 0; count < 8; count++) first.send({ type: 'ping' });
    await first.until(() => first.all('error').length === 3);
    expect(first.all('error').every(({ code }) => code === 'RATE_LIMITED')).toBe(true);
    expect(first.all('pong')).toHaveLength(5);
  });

  it('lets panels without a token read everything, if the server is told to, and goes with a reason', async () => {
    const own = await Desk.start({ OPERATOR_WS_ANONYMOUS: 'true' });
    closers.push(() => own.close());
    const panel = await open('', own.app.url);
    expect(await panel.next('connection_established')).toMatchObject({ operatorId: null });
    const { chatId } = await own.waiting();
    await panel.next('new_message', (it) => it.chatId === chatId);
    const admin = await Desk.signIn(own.app.url, ADMIN);
    panel.send({ type: 'auth', token: admin.token });
    await panel.next('connection_established', ({ operatorId }) => operatorId === admin.id);
    await own.app.get(AppShutdown).drain();
    expect(await panel.over()).toEqual({ code: 1001, reason: 'server_shutting_down' });
  });
});
