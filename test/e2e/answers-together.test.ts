import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { newId } from '../../src/common/ids.js';
import { AnswersService } from '../../src/ai/answers.service.js';
import { GenerationsRepository } from '../../src/ai/generations.repository.js';
import { TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import type { Person } from '../support/person.js';
import { ScriptedOpenAi } from '../support/scripted-openai.js';

const SESSIONS = 20;

interface Stored {
  conversation: string;
  role: string;
  status: string;
  content: string;
}

describe('answers that begin at the same time', () => {
  let model: ScriptedOpenAi;
  let app: TestApp;
  let pool: pg.Pool;
  let person: Person;
  let sessions: string[];

  beforeAll(async () => {
    model = await ScriptedOpenAi.start();
    model.script({ deltas: ['Hel', 'lo'] });
    app = await TestApp.start({ OPENAI_BASE_URL: model.baseUrl, RATE_LIMIT_MS: '0' });
    pool = new pg.Pool({ connectionString: app.database.url });
    person = await app.person();
    sessions = [];
    for (let count = 0; count < SESSIONS; count++) sessions.push(await person.session({ title: 'titled' }));
  });
  afterAll(async () => {
    await pool.end();
    await app.close();
    await model.stop();
  });

  const ask = (sessionId: string) => person.post('/messages', { sessionId, role: 'user', content: 'x' });

  async function answersIn(ids: readonly string[]): Promise<Stored[]> {
    const { rows } = await pool.query<Stored>(
      `SELECT conversation_id AS conversation, role::text, status::text, content FROM messages
       WHERE conversation_id = ANY ($1) AND role = 'assistant' ORDER BY conversation_id, seq`,
      [ids],
    );
    return rows;
  }
  const allEnded = async (ids: readonly string[], count: number) => {
    const answers = await answersIn(ids);
    return answers.length === count && answers.every(({ status }) => status === 'complete') ? answers : null;
  };

  it('share commits, and each is one whole answer', async () => {
    await Promise.all(sessions.map(ask));
    const answers = await eventually(() => allEnded(sessions, SESSIONS));
    expect(new Set(answers.map(({ content }) => content))).toEqual(new Set(['Hello']));
    const { rows } = await pool.query<{ begun: number; ended: number }>(
      `SELECT count(DISTINCT started_at)::int AS begun, count(DISTINCT xmin::text)::int AS ended FROM generations`,
    );
    expect(rows[0]!.begun).toBeLessThan(SESSIONS);
    expect(rows[0]!.ended).toBeLessThan(SESSIONS);
  });

  it('do not wait for one whose conversation somebody else has locked', async () => {
    const owed = sessions.slice(0, 6);
    const [held, ...others] = owed as [string, ...string[]];
    await pool.query(
      `WITH c AS (UPDATE conversations SET head = head + 1, answer_due_seq = head + 1, answer_due_at = now() WHERE id = ANY ($1)
         RETURNING id, head)
       INSERT INTO messages (id, conversation_id, seq, change_seq, role, sender_id, content)
       SELECT gen_random_uuid(), id, head, head, 'user', $2, 'x' FROM c`,
      [owed, person.id],
    );
    const locker = await pool.connect();
    await locker.query('BEGIN');
    await locker.query('SELECT 1 FROM conversations WHERE id = $1 FOR UPDATE', [held]);
    const answers = app.app.get(AnswersService, { strict: false });
    const begun = owed.map((id) => answers.answerIfDue(id, 'session'));
    await eventually(() => allEnded(others, others.length * 2));
    expect(await answersIn([held])).toHaveLength(1);
    await locker.query('COMMIT');
    locker.release();
    await Promise.all(begun);
    await eventually(() => allEnded([held], 2));
  });

  it('end when others write in their conversation', async () => {
    const [held, other] = sessions.slice(6, 8) as [string, string];
    model.script({ deltas: ['Hel', 'lo'], everyMs: 300 });
    await Promise.all([held, other].map(ask));
    await eventually(async () => (await answersIn([held])).some(({ status }) => status === 'streaming'));
    const locker = await pool.connect();
    await locker.query('BEGIN');
    await locker.query('SELECT 1 FROM conversations WHERE id = $1 FOR UPDATE', [held]);
    await eventually(() => allEnded([other], 2));
    await locker.query('COMMIT');
    locker.release();
    expect((await eventually(() => allEnded([held], 2))).map(({ content }) => content)).toEqual(['Hello', 'Hello']);
    model.script({ deltas: ['Hel', 'lo'] });
  });

  it('are saved piece by piece as they are, by the node that writes them', async () => {
    const [conversationId] = sessions.slice(8, 9) as [string];
    const [id, messageId] = [newId(), newId()];
    await pool.query(
      `WITH m AS (INSERT INTO messages (id, conversation_id, seq, change_seq, role, content)
         VALUES ($2, $3, 100, 100, 'assistant', '') RETURNING id)
       INSERT INTO generations (id, conversation_id, message_id, fence, node_id, lease_until, provider, model)
       SELECT $1, $3, id, 0, 'writer', now() + interval '1 minute', 'openai', 'any' FROM m`,
      [id, messageId, conversationId],
    );
    const generations = app.app.get(GenerationsRepository, { strict: false });
    const save = (from: number, piece: string | null, nodeId = 'writer') =>
      generations.checkpoint([{ id, from, piece }], nodeId, null);
    expect(await save(0, 'a👍')).toEqual(new Set([id]));
    await save(2, 'é👎');
    // What was saved without its writer learning of it is saved once more, with more behind it.
    await save(2, 'é👎 c');
    await save(6, null);
    expect(await save(6, 'not mine', 'another node')).toEqual(new Set());
    const { rows } = await pool.query<{ text: string }>('SELECT text FROM generations WHERE id = $1', [id]);
    expect(rows[0]!.text).toBe('a👍é👎 c');
    await pool.query('DELETE FROM generations WHERE id = $1', [id]);
  });
});
