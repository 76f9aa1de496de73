import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { Cluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { Person } from '../support/person.js';
import { StockClient } from '../support/stock-client.js';

const WORDS = Array.from({ length: 20 }, (_, index) => `word${index} `);

describe('two nodes behind the shipped nginx', () => {
  let cluster: Cluster;
  let ada: Person;
  const clients: StockClient[] = [];

  beforeAll(async () => {
    cluster = await Cluster.start();
    ada = await Person.register(cluster.url, 'ada@example.com', 'the password of Ada');
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await cluster.close();
  });

  it('share requests and WebSockets without anybody being sent back to the same node', async () => {
    const sockets = await Promise.all(Array.from({ length: 6 }, () => ada.socket()));
    const counts = await Promise.all(
      cluster.nodes.map(({ url }) => metric(url, 'parley_live_connections{wire="socketio"}')),
    );
    expect(counts).toEqual([3, 3]);
    const sessionId = await ada.session();
    for (const socket of sockets) expect(await socket.command('join', { sessionId })).toMatchObject({ ok: true });
    await sockets[0]!.command('message:send', { sessionId, content: 'to everybody' });
    for (const socket of sockets) await socket.event('message:done');
    ada.closeSockets();
  });

  it.each<[string, (sessionId: string) => [path: string, init: RequestInit]]>([
    ['text/event-stream', (sessionId) => [`/sse/sessions/${sessionId}/stream?prompt=tell%20me`, {}]],
    [
      'application/x-ndjson',
      (sessionId) => ['/messages/stream', { method: 'POST', body: JSON.stringify({ sessionId, prompt: 'tell me' }) }],
    ],
  ])('pass %s on as it comes', async (type, ask) => {
    cluster.model.script({ deltas: WORDS, everyMs: 60 });
    const [path, init] = ask(await ada.session());
    const response = await fetch(cluster.url + path, {
      ...init,
      headers: { authorization: `Bearer ${ada.token}`, 'content-type': 'application/json' },
    });
    expect(response.headers.get('content-type')).toContain(type);
    const arrivals = new Set<number>();
    let text = '';
    for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(piece).toString();
      arrivals.add(Math.floor(performance.now() / 50));
    }
    expect(text).toContain('word19');
    // Held back, it would come in one piece, or a few.
    expect(arrivals.size).toBeGreaterThan(8);
  });

  it('pass the plain WebSocket on', async () => {
    const { body } = await ada.post<{ ticket: string }>('/sse/ticket');
    const socket = new WebSocket(`${cluster.url.replace('http', 'ws')}/?ticket=${body.ticket}`);
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'message', content: 'are you there' }));
    const [first] = (await once(socket, 'message')) as [Buffer];
    expect(JSON.parse(first.toString())).not.toMatchObject({ type: 'error' });
    socket.close();
  });

  it('see the address of the client that nginx saw, whatever it claims', async () => {
    // Guesses from ever new claimed addresses count as one.
    const answers = [];
    for (let guess = 0; guess < 8; guess++)
      answers.push(
        await ada.post(
          '/auth/login',
          { email: ada.email, password: `guess ${guess}` },
          { 'x-forwarded-for': `203.0.113.${guess}` },
        ),
      );
    expect(answers.at(-1)?.status).toBe(429);
  });

  it('never get a POST twice, and reads go to the other node', async () => {
    const [first, second] = [cluster.node(0), cluster.node(1)];
    const sessionId = await ada.session();
    await first.kill();
    for (let index = 0; index < 6; index++) expect((await ada.get(`/sessions/${sessionId}`)).status).toBe(200);
    await second.kill();
    const refused = await ada.post('/messages', { sessionId, role: 'user', content: 'anybody?' });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect(refused.body).toMatchObject({ statusCode: 503, code: 'SERVER_DRAINING' });
    await Promise.all([first.start(), second.start()]);
    await cluster.joined();
    await eventually(async () => (await ada.get(`/sessions/${sessionId}`)).status === 200);
  });

  it('get the handshakes of one that leaves, and stock clients come back from it by themselves', async () => {
    cluster.model.script({ deltas: Array.from({ length: 40 }, () => 'word '), everyMs: 100 });
    const [leaving, staying] = [cluster.node(0), cluster.node(1)];
    // Somebody whose answer keeps the node for four seconds.
    const before = new StockClient(leaving.url, ada.token!);
    clients.push(before);
    const sessionId = await ada.session();
    await before.open('join', sessionId);
    await before.send('message:send', { sessionId, content: 'tell me' });
    await eventually(() => before.list(sessionId)[1]?.content);
    const left = leaving.stop();
    await eventually(async () => !(await leaving.isReady()));

    const handshake = await fetch(`${leaving.url}/socket.io/?EIO=4&transport=polling`);
    expect([handshake.status, handshake.headers.get('retry-after')]).toEqual([503, '1']);
    for (const path of ['/', '/ws', '/socket.io/?EIO=4&transport=websocket']) {
      const socket = new WebSocket(leaving.url.replace('http', 'ws') + path);
      const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
      expect([path, response.statusCode]).toEqual([path, 503]);
      response.destroy();
    }
    const sockets = await Promise.all(Array.from({ length: 6 }, () => ada.socket()));
    for (const socket of sockets) expect(await socket.command('join', { sessionId })).toMatchObject({ ok: true });
    ada.closeSockets();

    expect(await left).toEqual({ code: 0, signal: null });
    expect(before.list(sessionId)[1]).toMatchObject({ status: 'complete' });
    await leaving.start();
    await cluster.joined();
    await eventually(() => before.absences.length === 1);
    expect(await staying.isReady()).toBe(true);
  });

  it('hide the figures of the nodes', async () => {
    expect((await ada.get('/metrics')).status).toBe(404);
  });
});

async function metric(url: string, name: string): Promise<number> {
  const line = (await (await fetch(`${url}/metrics`)).text()).split('\n').find((text) => text.startsWith(name));
  return Number(line?.split(' ').at(-1) ?? 0);
}
