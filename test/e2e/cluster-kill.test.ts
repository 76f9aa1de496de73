import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { ChatRoomResponse } from '../../src/chat-rooms/dto/chat-room.response.dto.js';
import type { PresenceState } from '../../src/gateway/dto/room-events.dto.js';
import type { MessageResponse } from '../../src/messages/dto/message.response.dto.js';
import { ChatClient } from '../support/chat-client.js';
import { Cluster } from '../support/cluster.js';
import { stalledMs } from '../support/cpu-pressure.js';
import { eventually } from '../support/eventually.js';
import { Ledger } from '../support/ledger.js';
import { Person } from '../support/person.js';
import { StockClient } from '../support/stock-client.js';

/** `ROUNDS=5 npm run test:one -- test/e2e/cluster-kill.test.ts` for the long form. */
const ROUNDS = Number(process.env['ROUNDS'] ?? 1);
const PEOPLE = 50;
const SOCKETS_EACH = 4;
const SPEAKERS = 10;
const WORDS = Array.from({ length: 1500 }, (_, index) => `word${index} `);
const WHOLE = WORDS.join('');
const CHECKPOINT_MS = 500;

interface Member {
  person: Person;
  sessionId: string;
  clients: StockClient[];
}

describe('a node that is killed with 200 sockets and 50 running answers', () => {
  let cluster: Cluster;
  let pool: pg.Pool;
  let members: Member[] = [];

  beforeEach(async () => {
    cluster = await Cluster.start({
      env: { AI_MAX_RUNNING_PER_USER: '10', PRESENCE_GRACE_MS: '2000', AI_LEASE_MS: '3000' },
    });
    pool = new pg.Pool({ connectionString: cluster.postgres.url });
    pool.on('error', () => undefined);
  });
  afterEach(async () => {
    for (const { clients } of members) for (const client of clients) client.close();
    members = [];
    await pool.end();
    await cluster.close();
  });

  /** People with sockets through nginx, all on the first node, each with a session and all in one room. */
  async function gather(round: number): Promise<string> {
    const url = cluster.url;
    members = [];
    for (let index = 0; index < PEOPLE; index++) {
      const person = await Person.register(url, `p${index}-${round}@example.com`, 'the password of everybody');
      members.push({ person, sessionId: await person.session(), clients: [] });
    }
    const [first] = members as [Member];
    const participantIds = members.slice(1).map(({ person }) => person.id);
    const made = await first.person.post<ChatRoomResponse>('/chat-rooms', { type: 'GROUP', participantIds });
    await Promise.all(
      members.map(async ({ person, sessionId, clients }) => {
        for (let index = 0; index < SOCKETS_EACH; index++) {
          const client = new StockClient(url, person.token!);
          clients.push(client);
          await client.open('join', sessionId);
          await client.open('joinChatRoom', made.body.id);
        }
      }),
    );
    return made.body.id;
  }

  it('costs nobody anything but a moment', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const [victim, heir] = [cluster.node(0), cluster.node(1)];
      await heir.stop();
      const roomId = await gather(round);
      // Somebody who was only here, and somebody who looks for them later.
      const gone = await Person.register(victim.url, `gone-${round}@example.com`, 'the password of everybody');
      const witness = await Person.register(victim.url, `witness-${round}@example.com`, 'the password of everybody');
      await witness.post('/chat-rooms', { type: 'DIRECT', participantIds: [gone.id] });
      await witness.post('/chat-rooms', { type: 'GROUP', participantIds: [members[0]!.person.id] });
      const leaving = await gone.socket();
      await heir.start();
      await cluster.joined();
      const watching = await ChatClient.connect(heir.url, witness.token!);

      cluster.model.script({ deltas: WORDS, everyMs: 20 });
      await Promise.all(
        members.map(({ clients, sessionId }) => clients[0]!.send('message:send', { sessionId, content: 'a long one' })),
      );
      const shown = () => members.map(({ clients, sessionId }) => answerIn(clients[1]!.list(sessionId))?.content ?? '');
      await eventually(() => shown().every((text) => text.length > 100), 30_000);

      const ledger = new Ledger();
      const said: string[] = [];
      let isOver = false;
      const speaking = members.slice(0, SPEAKERS).map(async ({ clients }, lane) => {
        for (let index = 0; !isOver; index++) {
          const content = `${lane} says ${index}`;
          const { id, seq } = await clients[2]!.send('sendMessage', { chatRoomId: roomId, content });
          ledger.ack({ conversationId: roomId, messageId: id, seq, clientMessageId: null });
          said.push(content);
          await sleep(100);
        }
      });
      // Whatever fails first is what is told.
      for (const lane of speaking) lane.catch(() => undefined);
      await sleep(1_000);
      const due = shown();
      await sleep(CHECKPOINT_MS);
      const killedAt = performance.now();
      const stalledBefore = stalledMs();
      await victim.kill();

      const clients = members.flatMap((member) => member.clients);
      await eventually(() => clients.every(({ absences }) => absences.length > 0), 15_000);
      await sleep(2_000);
      isOver = true;
      await Promise.all(speaking);
      const stalledBack = stalledMs() - stalledBefore;
      const absences = clients.flatMap((client) => client.absences).sort((one, other) => one - other);
      const answersEnded = await eventually(async () => {
        const { rows } = await pool.query(`SELECT 1 FROM messages WHERE status = 'streaming'`);
        return rows.length === 0 ? performance.now() - killedAt : null;
      }, 40_000);

      const stalledEnded = stalledMs() - stalledBefore;
      const isOnline = async (userId: string): Promise<boolean> =>
        ((await watching.command('presence', { userIds: [userId] }))['users'] as [PresenceState])[0].online;
      await eventually(async () => !(await isOnline(gone.id)), 60_000);
      const presenceMs = performance.now() - killedAt;
      expect(await isOnline(members[0]!.person.id)).toBe(true);
      expect(presenceMs).toBeLessThan(60_000);

      // Every client shows what a fresh read gives.
      for (const [index, { person, sessionId, clients: own }] of members.entries()) {
        const fresh = await person.messages(sessionId);
        const answer = answerIn(fresh)!;
        expect(['interrupted', 'complete']).toContain(answer.status);
        expect(WHOLE.startsWith(answer.content)).toBe(true);
        expect(answer.content.length).toBeGreaterThanOrEqual(due[index]!.length);
        for (const client of own) await eventually(() => same(client.list(sessionId), fresh));
      }
      const figures = await ledger.balance(cluster.postgres.url);
      const room = await pool.query<{ content: string }>(
        'SELECT content FROM messages WHERE conversation_id = $1 ORDER BY seq',
        [roomId],
      );
      const contents = room.rows.map(({ content }) => content);
      for (const client of clients)
        await eventually(() => client.list(roomId).length >= contents.length).catch(() => {
          const shownHere = client.list(roomId).map(({ content }) => content);
          throw new Error(
            `a client lacks ${contents.filter((content) => !shownHere.includes(content)).join(', ')} of ${contents.length}; ${client.failures.join(' ')}`,
          );
        });
      const delivered = clients.filter((client) => same(client.list(roomId), room.rows)).length;
      const repeats = clients.reduce((sum, client) => sum + client.repeats, 0);
      const inversions = clients.flatMap((client) => client.inversions);
      console.info(
        `kill -9 with ${clients.length} sockets: back after ${Math.round(absences[0]!)} to ${Math.round(absences.at(-1)!)} ms ` +
          `(median ${Math.round(absences[absences.length >> 1]!)}), ${PEOPLE} answers ended within ${Math.round(answersEnded)} ms, ` +
          `presence clean within ${Math.round(presenceMs)} ms; acked ${figures.acked}, lost ${figures.lost}, ${repeats} sends repeated, ` +
          `doubled ${contents.length - new Set(contents).size}, ${delivered} of ${clients.length} clients have all`,
      );
      expect(absences.at(-1)!).toBeLessThan(5_000 + stalledBack);
      // With jitter: they do not all come in the same moment.
      expect(absences.at(-1)! - absences[0]!).toBeGreaterThan(400);
      expect(answersEnded).toBeLessThan(15_000 + stalledEnded);
      expect(figures).toMatchObject({ acked: said.length, lost: 0, dup: 0 });
      expect(new Set(contents)).toEqual(new Set(said));
      expect(contents).toHaveLength(said.length);
      expect({ inversions, delivered }).toEqual({ inversions: [], delivered: clients.length });

      leaving.close();
      watching.close();
      for (const client of clients) client.close();
      await victim.start();
      await cluster.joined();
    }
  }, 600_000);
});

function answerIn(messages: readonly MessageResponse[]): MessageResponse | undefined {
  return messages.find(({ role }) => role === 'assistant');
}

function same(shown: readonly { content: string }[], stored: readonly { content: string }[]): boolean {
  return shown.length === stored.length && shown.every(({ content }, index) => content === stored[index]!.content);
}
