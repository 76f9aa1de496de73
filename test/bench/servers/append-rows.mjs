// Messages stored one after another, without any wire: by MODE `pg` row by row, or by ours. Prints one line of figures.
import { performance } from 'node:perf_hooks';
import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

const { MODE, DATABASE_URL, FOR_MS } = process.env;
const rooms = JSON.parse(process.env.ROOMS);
const seqs = new Map();
const content = 'x'.repeat(120);
const { append, connections, end } = MODE === 'pg' ? rowByRow() : await ours();

const done = { count: 0, isOver: false };
const flood = Array.from({ length: connections }, async (_, index) => {
  while (!done.isOver) {
    await append(rooms[index % rooms.length]);
    done.count++;
  }
});
await delay(FOR_MS * 0.4);
const before = { at: performance.now(), count: done.count };
await delay(Number(FOR_MS));
const perSecond = (done.count - before.count) / ((performance.now() - before.at) / 1000);
done.isOver = true;
await Promise.all(flood);

const delays = [];
for (const begin = performance.now(); performance.now() - begin < FOR_MS / 2;) {
  const at = performance.now();
  await append(rooms[0]);
  delays.push(performance.now() - at);
}
delays.sort((a, b) => a - b);
process.stdout.write(`${JSON.stringify({ perSecond, loneP50Ms: delays[delays.length >> 1] })}\n`);
await end();
process.exit(0);

function rowByRow() {
  const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 16 });
  const text = `INSERT INTO messages (id, conversation_id, seq, change_seq, role, sender_id, content)
    VALUES ($1, $2, $3, $3, 'user', $4, $5) RETURNING id, seq, created_at`;
  const append = ({ chatRoomId, userId }) => {
    const seq = (seqs.get(chatRoomId) ?? Number(process.env.FIRST_SEQ)) + 1;
    seqs.set(chatRoomId, seq);
    return pool.query({ name: 'insert', text, values: [randomUUID(), chatRoomId, seq, userId, content] });
  };
  return { append, connections: 16, end: () => pool.end() };
}

async function ours() {
  const { createApp } = await import('../../../dist/app.setup.js');
  const { MessageAppender } = await import('../../../dist/messages/message-appender.js');
  const { AppConfig } = await import('../../../dist/config/app-config.js');
  const { DatabaseAddress } = await import('../../../dist/prisma/database-address.js');
  const { newId } = await import('../../../dist/common/ids.js');
  const app = await createApp(AppConfig.from(process.env), new DatabaseAddress(DATABASE_URL, false));
  const appender = app.get(MessageAppender, { strict: false });
  const rest = {
    role: 'user',
    status: 'complete',
    clientMessageId: null,
    replyToId: null,
    model: null,
    answerDue: false,
  };
  const append = ({ chatRoomId: conversationId, userId: senderId }) =>
    appender.append({ id: newId(), conversationId, senderId, content, ...rest });
  return { append, connections: 64, end: () => app.close() };
}
