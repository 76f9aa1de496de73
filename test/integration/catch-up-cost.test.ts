import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { ChatRoomResponse } from '../../src/chat-rooms/dto/chat-room.response.dto.js';
import type { SyncResponse } from '../../src/messages/dto/sync.response.dto.js';
import { TestApp } from '../support/app.js';
import { inWords } from '../support/ledger.js';
import type { Person } from '../support/person.js';

const CHANGES = 100;
/** Of messages, beside those of places and settings. */
const EDITS = 97;

interface Cost {
  rows: number;
  buffers: number;
  ms: number;
}

/** What PostgreSQL counts over all of its tables and indexes of one database. */
async function counted(client: pg.Client): Promise<{ rows: number; buffers: number }> {
  const { rows } = await client.query<{ rows: string; buffers: string }>(`
    SELECT (SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_user_tables) AS rows,
           (SELECT sum(heap_blks_read + heap_blks_hit + coalesce(idx_blks_read + idx_blks_hit, 0)
                       + coalesce(toast_blks_read + toast_blks_hit, 0)) FROM pg_statio_user_tables) AS buffers`);
  return { rows: Number(rows[0]?.rows), buffers: Number(rows[0]?.buffers) };
}

describe('catching up with a room', () => {
  let app: TestApp;
  let client: pg.Client;
  let owner: Person;
  let other: Person;

  beforeAll(async () => {
    app = await TestApp.start({ DATABASE_POOL_SIZE: '1' });
    client = new pg.Client({ connectionString: app.database.url });
    await client.connect();
    [owner, other] = await Promise.all([app.person(), app.person()]);
  });

  afterAll(async () => {
    await client.end();
    await app.close();
  });

  /** A room of `count` messages, stored at once. */
  async function roomOf(count: number): Promise<string> {
    const { body } = await owner.post<ChatRoomResponse>('/chat-rooms', { type: 'GROUP', participantIds: [other.id] });
    // A million rows need not be checked one by one.
    await client.query('SET session_replication_role = replica');
    await client.query(
      `INSERT INTO messages (id, conversation_id, seq, change_seq, role, sender_id, content)
       SELECT (left($1::text, 24) || lpad(to_hex(n), 12, '0'))::uuid, $1::uuid, n, n, 'user', $2, 'message ' || n
       FROM generate_series(1, $3::int) n`,
      [body.id, owner.id, count],
    );
    await client.query('SET session_replication_role = origin');
    await client.query('UPDATE conversations SET head = $2 WHERE id = $1', [body.id, count]);
    await client.query('UPDATE chat_rooms SET message_count = $2 WHERE id = $1', [body.id, count]);
    return body.id;
  }

  /** Changes something all over the room, of each kind; returns the number before. */
  async function change(roomId: string, count: number): Promise<number> {
    await client.query(
      `WITH changed AS (
         SELECT id, row_number() OVER (ORDER BY seq)::int AS place FROM messages
         WHERE conversation_id = $1 AND seq % ($2::int / $3::int) = 0 ORDER BY seq LIMIT $3::int
       )
       UPDATE messages m SET content = CASE WHEN place % 2 = 0 THEN '' ELSE 'edited' END, edited_at = now(),
         deleted_at = CASE WHEN place % 2 = 0 THEN now() END, change_seq = $2::int + place
       FROM changed WHERE m.id = changed.id`,
      [roomId, count, EDITS],
    );
    await client.query('UPDATE conversations SET head = $2 WHERE id = $1', [roomId, count + EDITS]);
    await owner.patch(`/chat-rooms/${roomId}`, { name: 'Renamed' });
    await other.post(`/chat-rooms/${roomId}/read`, { seq: count });
    await owner.post(`/chat-rooms/${roomId}/messages`, { content: 'new' });
    return count;
  }

  async function costOf(roomId: string, since: number): Promise<Cost> {
    const read = () => other.get<SyncResponse>(`/conversations/${roomId}/sync?since=${since}`);
    const first = await read();
    expect(first.body).toMatchObject({ head: since + CHANGES, more: false, chatRoom: { name: 'Renamed' } });
    expect(first.body.messages).toHaveLength(EDITS + 1);
    expect(first.body.participants?.map(({ userId }) => userId)).toEqual([other.id, owner.id]);
    await client.query('VACUUM (ANALYZE) messages, participants, conversations, chat_rooms');
    await settle();
    const before = await counted(client);
    const startedAt = performance.now();
    await read();
    const ms = performance.now() - startedAt;
    await settle();
    const after = await counted(client);
    return { rows: after.rows - before.rows, buffers: after.buffers - before.buffers, ms };
  }

  /** Until the counters of the server's connections stand still. */
  async function settle(): Promise<void> {
    let last = '';
    // Backends tell what they counted a second after their last statement at the latest.
    for (let still = 0; still < 12;) {
      await client.query('SELECT pg_sleep(0.1)');
      const now = JSON.stringify(await counted(client));
      still = now === last ? still + 1 : 0;
      last = now;
    }
  }

  it('costs what changed, however long the room is', async () => {
    const costs: Cost[] = [];
    let longRoom = '';
    for (const count of [1_000, 1_000_000]) {
      const roomId = await roomOf(count);
      longRoom = roomId;
      const since = await change(roomId, count);
      const cost = await costOf(roomId, since);
      console.info(`${CHANGES} changes in a room of ${count} messages: ${inWords(cost)}`);
      costs.push(cost);
    }
    const [short, long] = costs as [Cost, Cost];
    expect(long.rows).toBeLessThan(CHANGES * 5);
    expect(long.rows).toBeLessThanOrEqual(short.rows * 1.5);
    expect(long.buffers).toBeLessThan(CHANGES * 20);
    expect(long.buffers).toBeLessThan(short.buffers * 3);
    await client.query('DROP INDEX messages_conversation_id_change_seq_idx');
    const without = await costOf(longRoom, 1_000_000);
    console.info(`control, without the index of changes: ${inWords(without)}`);
    expect(without.rows).toBeGreaterThan(long.rows * 100);
  }, 180_000);
});
