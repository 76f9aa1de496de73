import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { MessagesService } from '../../src/messages/messages.service.js';
import { TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import type { Person } from '../support/person.js';
import { Replica } from '../support/replica.js';
import { ScriptedOpenAi } from '../support/scripted-openai.js';
import { WATCH_WIRES, watchSession } from '../support/session-watch.js';
import { SseClient } from '../support/sse-client.js';

/** More than three pages, and four times what may wait for one reader. */
const MANY = 1_700;

describe('a cursor', () => {
  let app: TestApp;
  let model: ScriptedOpenAi;
  let person: Person;
  let sessionId: string;
  let database: pg.Client;

  beforeAll(async () => {
    model = await ScriptedOpenAi.start();
    app = await TestApp.start({ OPENAI_BASE_URL: model.baseUrl });
    person = await app.person();
    database = new pg.Client({ connectionString: app.database.url });
    await database.connect();
  });

  beforeEach(async () => {
    sessionId = await person.session();
  });

  afterEach(() => person.closeSockets());

  afterAll(async () => {
    await database.end();
    await app.close();
    await model.stop();
  });

  /** A long history, as if it had been written. */
  async function history(count: number, content = 'a note'): Promise<void> {
    const ids = Array.from({ length: count }, () => uuid());
    await database.query(
      `INSERT INTO messages (id, conversation_id, seq, change_seq, role, sender_id, content, status)
       SELECT id, $2, place, place, 'assistant', $3, $4, 'complete' FROM unnest($1::uuid[]) WITH ORDINALITY AS t (id, place)`,
      [ids, sessionId, person.id, content],
    );
    await database.query('UPDATE conversations SET head = $2 WHERE id = $1', [sessionId, count]);
  }

  const target = () => ({ url: app.url, token: person.token!, sessionId });
  const stream = (query: string, lastEventId?: string) =>
    SseClient.open(`${app.url}/sse/sessions/${sessionId}/stream${query}`, {
      authorization: `Bearer ${person.token}`,
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    });

  it.each(WATCH_WIRES)('gets a %s reader everything that it missed, however much that is', async (wire) => {
    await history(MANY);
    const replica = new Replica();
    const watch = watchSession(wire, target(), replica);
    await eventually(() => replica.cursor >= MANY);
    // Live from here on.
    await person.post('/messages', { sessionId, role: 'assistant', content: 'and one more' });
    await eventually(() => replica.cursor > MANY);
    watch.close();
    expect(replica.messages.size).toBe(MANY + 1);
    expect(replica.list().map(({ seq }) => seq)).toEqual(Array.from({ length: MANY + 1 }, (_, index) => index + 1));
    expect(replica.faults).toEqual(new Replica().faults);
  });

  it('misses all but the first page where a server does not tell that there is more (control)', async () => {
    await history(MANY);
    const messages = app.get(MessagesService);
    const { sync } = messages;
    messages.sync = async (...question) => ({ ...(await sync.apply(messages, question)), more: false });
    const seen: string[] = [];
    for (const wire of WATCH_WIRES) {
      const replica = new Replica();
      const watch = watchSession(wire, target(), replica);
      await eventually(() => replica.messages.size > 0);
      watch.close();
      expect(replica.messages.size).toBeLessThan(MANY);
      seen.push(`${wire} ${replica.messages.size}`);
    }
    messages.sync = sync;
    console.info(`missed ${MANY}: all of them seen on every wire; control, seen of them: ${seen.join(', ')}`);
  });

  it('is answered with small pages when the messages are long', async () => {
    await history(60, 'long '.repeat(2_000));
    const first = (await person.get<{ messages: unknown[]; more: boolean }>(`/conversations/${sessionId}/sync?since=0`))
      .body;
    expect(first.messages.length).toBeLessThan(20);
    expect(first.more).toBe(true);
    for (const wire of WATCH_WIRES) {
      const replica = new Replica();
      const watch = watchSession(wire, target(), replica);
      await eventually(() => replica.cursor === 60);
      watch.close();
      expect(replica.messages.size).toBe(60);
    }
  });

  describe('that was never given out', () => {
    const FORGED = ['4', '2147483647', '9999999999', '4.100'];

    it.each(FORGED)('(%s) gets everything, told as a new beginning, from a stream', async (since) => {
      await history(3);
      for (const opened of [await stream(`?since=${since}`), await stream('', since)]) {
        await opened.until(() => opened.of('message:new').length === 3, 'the history');
        expect(opened.frames.map(({ event }) => event)).toEqual(['reset', 'message:new', 'message:new', 'message:new']);
        expect(opened.frames[0]).toMatchObject({ id: '0.0', data: { sessionId } });
        opened.close();
      }
    });

    it.each(['abc', '-1', '1e3', '3.x', '99999999999999', '1;DROP'])(
      '(%s) in Last-Event-ID gets everything as well',
      async (lastEventId) => {
        await history(2);
        const opened = await stream('', lastEventId);
        await opened.until(() => opened.of('message:new').length === 2, 'the history');
        expect(opened.frames[0]!.event).toBe('reset');
        opened.close();
      },
    );

    it('does not ask the question again', async () => {
      model.script({ deltas: ['once'] });
      const first = await stream('?prompt=hello');
      await first.over();
      for (const lastEventId of ['99', 'abc']) {
        const again = await stream('?prompt=hello', lastEventId);
        await again.over();
        expect(again.frames[0]!.event).toBe('reset');
        expect(again.of('message:new').map(({ content }) => content)).toEqual(['hello', 'once']);
      }
      expect(model.calls).toHaveLength(1);
    });

    it('gets everything, marked as a reset, from the socket and from REST', async () => {
      await history(3);
      const client = await person.socket();
      for (const since of [4, 2_147_483_647]) {
        const joined = await client.command('join', { sessionId, since });
        const synced = await client.command('sync', { conversationId: sessionId, since });
        const { body } = await person.get(`/conversations/${sessionId}/sync?since=${since}`);
        for (const answer of [joined, synced, body]) {
          expect(answer).toMatchObject({ head: 3, reset: true });
          expect(answer['messages']).toHaveLength(3);
        }
      }
    });

    it('is refused where it is no number at all', async () => {
      const client = await person.socket();
      for (const since of [-1, 1.5, 'abc', 2_147_483_648, null, [1]]) {
        const ack = await client.command('join', { sessionId, since });
        // Null stands for no cursor.
        expect([since, ack.ok]).toEqual([since, since === null]);
      }
      expect((await person.get(`/conversations/${sessionId}/sync?since=abc`)).status).toBe(400);
      expect((await stream('?since=abc')).status).toBe(400);
    });
  });

  it('of a database that was restored is answered with a reset, and the replica equals what is there', async () => {
    await history(20);
    const replicas = WATCH_WIRES.map(() => new Replica());
    const watches = WATCH_WIRES.map((wire, index) => watchSession(wire, target(), replicas[index]!));
    await eventually(() => replicas.every(({ cursor }) => cursor === 20));
    for (const watch of watches) watch.close();
    await Promise.all(watches.map(({ over }) => over));
    await database.query('DELETE FROM messages WHERE conversation_id = $1 AND seq > 12', [sessionId]);
    await database.query('UPDATE conversations SET head = 12 WHERE id = $1', [sessionId]);
    for (const [index, wire] of WATCH_WIRES.entries()) {
      const again = watchSession(wire, target(), replicas[index]!);
      await eventually(() => replicas[index]!.cursor === 12);
      again.close();
      expect(replicas[index]!.resets).toBe(1);
      expect(replicas[index]!.list()).toEqual(await person.messages(sessionId));
    }
  });
});
