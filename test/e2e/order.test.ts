import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MessageResponse } from '../../src/messages/dto/message.response.dto.js';
import { TestApp } from '../support/app.js';
import { DatabaseState } from '../support/database-state.js';
import { eventually } from '../support/eventually.js';
import { inWords } from '../support/ledger.js';
import type { Person } from '../support/person.js';
import { PlainClient } from '../support/plain-client.js';
import { Random, seed } from '../support/random.js';
import { ScriptedOpenAi } from '../support/scripted-openai.js';
import { SseClient } from '../support/sse-client.js';

const NOTES = 200;
const WRITERS = 8;
const QUESTIONS = 6;

interface Told {
  name: string;
  payload: Record<string, unknown>;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const isNumbered = ({ name }: Told) => name === 'message:new' || name === 'message:update';
const numbersOf = (told: readonly Told[]) =>
  told.filter(isNumbered).map(({ payload }) => payload['changeSeq'] as number);

/** What a subscriber saw that it must not see: numbers that are not one more than the one before, pieces that do not join. */
function faultsOf(told: readonly Told[]): { inversions: number; loosePieces: number } {
  const faults = { inversions: 0, loosePieces: 0 };
  numbersOf(told).reduce((before, number) => {
    if (number !== before + 1) faults.inversions++;
    return number;
  }, 0);
  const lengths = new Map<unknown, number>();
  for (const { name, payload } of told) {
    if (name !== 'message:stream') continue;
    const { messageId, delta, offset } = payload as { messageId: string; delta: string; offset: number };
    if (offset !== (lengths.get(messageId) ?? 0)) faults.loosePieces++;
    lengths.set(messageId, offset + delta.length);
  }
  return faults;
}

describe('the order of events', () => {
  let app: TestApp;
  let model: ScriptedOpenAi;
  let person: Person;

  beforeAll(async () => {
    model = await ScriptedOpenAi.start();
    app = await TestApp.start({ OPENAI_BASE_URL: model.baseUrl, REST_LIMIT_PER_MINUTE: '10000000' });
    person = await app.person();
  });

  afterAll(async () => {
    person.closeSockets();
    await app.close();
    await model.stop();
  });

  it('is the same on every wire, each number one more than the one before, and the pieces join to the stored texts', async () => {
    const random = new Random(seed());
    model.script({ deltas: Array.from({ length: 40 }, (_, index) => `word${index} я👍 `), everyMs: 1 });
    const sessionId = await person.session({ title: 'titled' });
    const sockets = [await person.socket(), await person.socket()];
    for (const socket of sockets) await socket.command('join', { sessionId, since: 0 });
    const url = `${app.url}/sse/sessions/${sessionId}/stream?since=0`;
    const authorization = `Bearer ${person.token}`;
    const streams = [await SseClient.open(url, { authorization }), await SseClient.open(url, { authorization })];
    const path = `/?token=${person.token}&sessionId=${sessionId}`;
    const plain = [await PlainClient.connect(app.url, path), await PlainClient.connect(app.url, path)];

    let left = NOTES;
    const writer = async () => {
      while (left-- > 0) {
        const note = { sessionId, role: 'assistant', content: `note ${random.next()}` };
        await person.post('/messages', note, random.chance(0.3) ? { 'idempotency-key': String(random.next()) } : {});
      }
    };
    const heard: { key: string; text: string }[] = [];
    const asker = async (client: PlainClient, name: string) => {
      for (let question = 0; question < QUESTIONS; question++) {
        const key = `${name} ${question}`;
        const { text, end } = await client.ask({ type: 'message', content: `ask ${key}`, clientMessageId: key });
        expect(end).toEqual({ type: 'done' });
        heard.push({ key, text });
      }
    };
    await Promise.all([...Array.from({ length: WRITERS }, writer), ...plain.map((it, name) => asker(it, `${name}`))]);
    const state = await DatabaseState.of(app.database.url);
    await state.quietIn(sessionId);
    await state.close();

    const { head } = (await person.get<{ head: number }>(`/conversations/${sessionId}/sync`)).body;
    const told = (): Told[][] => [
      ...sockets.map(({ received }) => received.map(({ event, payload }) => ({ name: event, payload }))),
      ...streams.map(({ frames }) => frames.map(({ event, data }) => ({ name: event, payload: data }))),
    ];
    await eventually(() => told().every((it) => numbersOf(it).at(-1) === head));
    const subscribers = told().map((it) => it.filter(({ name }) => name.startsWith('message:')));
    for (const subscriber of subscribers) {
      expect(faultsOf(subscriber)).toEqual({ inversions: 0, loosePieces: 0 });
      expect(subscriber).toEqual(subscribers[0]);
    }
    const changed = [...subscribers[0]!];
    [changed[3], changed[9]] = [changed[9]!, changed[3]!];
    const control = faultsOf(changed);

    const stored: MessageResponse[] = [];
    for (let after = 0; after < head; after = stored.at(-1)!.seq) {
      const page = await person.get<MessageResponse[]>(`/messages/${sessionId}?after=${after}&limit=100`);
      if (page.body.length === 0) break;
      stored.push(...page.body);
    }
    let differing = 0;
    for (const { id, content, status } of stored.filter(({ model: by }) => by !== undefined)) {
      const pieces = subscribers[0]!.filter(
        ({ name, payload }) => name === 'message:stream' && payload['messageId'] === id,
      );
      if (sha256(pieces.map(({ payload }) => payload['delta']).join('')) !== sha256(content)) differing++;
      expect(['complete', 'stopped']).toContain(status);
    }
    for (const { key, text } of heard) {
      const question = stored.find(({ clientMessageId }) => clientMessageId === key)!;
      const answer = stored.find(({ model: by, seq }) => by !== undefined && seq > question.seq)!;
      expect([key, text]).toEqual([key, answer.content]);
    }
    console.info(
      `${subscribers.length} subscribers, ${inWords({ events: subscribers[0]!.length, head, ...faultsOf(subscribers[0]!), differing })}; ` +
        `control, two events exchanged: ${inWords(control)}`,
    );
    expect(differing).toBe(0);
    expect(control.inversions + control.loosePieces).toBeGreaterThan(0);
    for (const stream of streams) stream.close();
    for (const client of plain) client.close();
  });
});
