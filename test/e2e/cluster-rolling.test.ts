import { setTimeout as sleep } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ChatRoomResponse } from '../../src/chat-rooms/dto/chat-room.response.dto.js';
import type { MessageResponse } from '../../src/messages/dto/message.response.dto.js';
import { Cluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { Ledger } from '../support/ledger.js';
import { Person } from '../support/person.js';
import { StockClient } from '../support/stock-client.js';

/** `LOAD_S=60 npm run test:one -- test/e2e/cluster-rolling.test.ts` for the long form. */
const SECONDS = Number(process.env['LOAD_S'] ?? 15);
const PEOPLE = 10;
const EVERY_MS = 60;

describe('a rolling restart of both nodes under load', () => {
  let cluster: Cluster;
  let clients: StockClient[] = [];

  beforeEach(async () => {
    cluster = await Cluster.start();
  });
  afterEach(async () => {
    for (const client of clients) client.close();
    clients = [];
    await cluster.close();
  });

  it('loses and doubles nothing, and answers nothing worse than 503 with Retry-After', async () => {
    const people: Person[] = [];
    for (let index = 0; index < PEOPLE; index++)
      people.push(await Person.register(cluster.url, `p${index}@example.com`, 'the password of everybody'));
    const [first, ...others] = people as [Person, ...Person[]];
    const made = await first.post<ChatRoomResponse>('/chat-rooms', {
      type: 'GROUP',
      participantIds: others.map(({ id }) => id),
    });
    const roomId = made.body.id;
    clients = people.map((person) => new StockClient(cluster.url, person.token!));
    await Promise.all(clients.map((client) => client.open('joinChatRoom', roomId)));

    const ledger = new Ledger();
    const said: string[] = [];
    const statuses = new Map<string, number>();
    const unforeseen: string[] = [];
    let isOver = false;
    const count = ({ status, headers, body }: { status: number; headers: Headers; body: unknown }) => {
      const wait = headers.get('retry-after');
      const name = status === 503 ? `503 Retry-After ${wait}` : String(status);
      statuses.set(name, (statuses.get(name) ?? 0) + 1);
      if (status >= 500 && (status !== 503 || wait === null)) unforeseen.push(`${status} ${JSON.stringify(body)}`);
    };
    const keep = (content: string, { id, seq }: MessageResponse) => {
      ledger.ack({ conversationId: roomId, messageId: id, seq, clientMessageId: null });
      said.push(content);
    };
    const overSockets = clients.map(async (client, lane) => {
      for (let index = 0; !isOver; index++) {
        const content = `socket ${lane} ${index}`;
        keep(content, await client.send('sendMessage', { chatRoomId: roomId, content }));
        await sleep(EVERY_MS);
      }
    });
    const overRest = people.map(async (person, lane) => {
      for (let index = 0; !isOver; index++) {
        const fields = { content: `rest ${lane} ${index}`, clientMessageId: randomUUID() };
        for (;;) {
          const answer = await person.post<MessageResponse>(`/chat-rooms/${roomId}/messages`, fields);
          count(answer);
          if (answer.status < 300) {
            keep(fields.content, answer.body);
            break;
          }
          if (answer.status !== 503) throw new Error(`${answer.status}: ${JSON.stringify(answer.body)}`);
          await sleep(100);
        }
        count(await person.get(`/chat-rooms/${roomId}/messages?limit=1`));
        await sleep(EVERY_MS);
      }
    });
    const load = [...overSockets, ...overRest];
    // Whatever fails first is what is told.
    for (const lane of load) lane.catch(() => undefined);

    const startedAt = performance.now();
    let restarts = 0;
    do {
      for (const node of cluster.nodes) {
        await sleep(1_000);
        expect(await node.stop()).toEqual({ code: 0, signal: null });
        await node.start();
        await cluster.joined();
        await eventually(() => node.isReady());
        restarts++;
      }
    } while (performance.now() - startedAt < SECONDS * 1_000);
    isOver = true;
    await Promise.all(load);

    for (const client of clients) await eventually(() => client.list(roomId).length === said.length, 20_000);
    const contents = clients[0]!.list(roomId).map(({ content }) => content);
    const figures = await ledger.balance(cluster.postgres.url);
    const inversions = clients.flatMap((client) => client.inversions);
    const absences = clients.flatMap((client) => client.absences);
    console.info(
      `${restarts} restarts under load in ${Math.round((performance.now() - startedAt) / 1_000)} s: acked ${figures.acked}, lost ${figures.lost}, doubled ${figures.dup}, ` +
        `answers ${JSON.stringify(Object.fromEntries(statuses))}, ${absences.length} sockets moved, the longest in ${Math.round(Math.max(...absences))} ms`,
    );
    expect([
      unforeseen,
      cluster.nodes.map(({ output }) => output.split('\n').filter((line) => line.includes('"error"'))),
    ]).toEqual([[], [[], []]]);
    expect(figures).toMatchObject({ acked: said.length, persisted: said.length, dup: 0 });
    expect(new Set(contents)).toEqual(new Set(said));
    expect(contents).toHaveLength(said.length);
    expect(inversions).toEqual([]);
    expect(absences.length).toBeGreaterThanOrEqual(PEOPLE);
  }, 300_000);
});
