import type pg from 'pg';
import type { Actor, Role } from '../../src/common/actor.js';
import { newId } from '../../src/common/ids.js';

/** Operators who can hold `maxChats` each, without the cost of their passwords. */
export async function aDeskOf(
  pool: pg.Pool,
  count: number,
  maxChats: number,
  role: Exclude<Role, 'user'> = 'operator',
): Promise<Actor[]> {
  const ids = Array.from({ length: count }, newId);
  await pool.query(
    `INSERT INTO users (id, email, name, role) SELECT id, id || '@example.com', 'Operator', $2::"UserRole" FROM unnest($1::uuid[]) AS t (id)`,
    [ids, role],
  );
  await pool.query(
    `INSERT INTO operator_profiles (user_id, max_chats, status) SELECT id, $2, 'online' FROM unnest($1::uuid[]) AS t (id)`,
    [ids, maxChats],
  );
  return ids.map((userId) => ({ userId, role, signInId: newId(), expiresAt: Infinity }));
}

/** Telegram chats that wait for a human (or are in another state), by their ids. */
export async function aQueueOf(pool: pg.Pool, count: number, status = 'waiting'): Promise<string[]> {
  const ids = Array.from({ length: count }, newId);
  const isSilenced = status === 'waiting' || status === 'in_progress';
  await pool.query(
    `WITH wanted AS (SELECT id, row_number() OVER () AS place FROM unnest($1::uuid[]) AS t (id)),
          people AS (INSERT INTO customers (id, telegram_chat_id)
                     SELECT id, place + (SELECT coalesce(max(telegram_chat_id), 0) FROM customers) FROM wanted),
          talks AS (INSERT INTO conversations (id, kind, is_silenced) SELECT id, 'telegram', $3 FROM wanted)
     INSERT INTO support_chats (id, source, customer_id, status, waiting_since, escalated_at)
     SELECT id, 'telegram', id, $2::"SupportChatStatus", now(), now() FROM wanted`,
    [ids, status, isSilenced],
  );
  return ids;
}
