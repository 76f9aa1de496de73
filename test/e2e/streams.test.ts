import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TestApp } from '../support/app.js';
import type { Person } from '../support/person.js';
import { ScriptedOpenAi } from '../support/scripted-openai.js';
import { SseClient } from '../support/sse-client.js';
import { Stopwatch } from '../support/stopwatch.js';

const WORDS = Array.from({ length: 120 }, (_, index) => `word${index} `);
const WHOLE = WORDS.join('');

/** Applies deltas to the text that is there, as the contract says. */
function apply(text: string, deltas: Record<string, unknown>[]): string {
  return deltas.reduce<string>(
    (soFar, { offset, delta }) => soFar.slice(0, offset as number) + (delta as string),
    text,
  );
}

describe('streams over HTTP', () => {
  let app: TestApp;
  let model: ScriptedOpenAi;
  let person: Person;
  let sessionId: string;

  beforeAll(async () => {
    model = await ScriptedOpenAi.start();
    app = await TestApp.start({ OPENAI_BASE_URL: model.baseUrl, AI_MAX_RUNNING_PER_USER: '50' });
    person = await app.person();
  });

  beforeEach(async () => {
    sessionId = await person.session();
  });

  afterAll(async () => {
    await app.close();
    await model.stop();
  });

  const streamUrl = (query: Record<string, string> = {}) =>
    `${app.url}/sse/sessions/${sessionId}/stream?${new URLSearchParams(query).toString()}`;
  const bearer = () => ({ authorization: `Bearer ${person.token}` });

  describe('server-sent events', () => {
    it('ask a question, stream its answer and end', async () => {
      model.script({ deltas: WORDS });
      const stream = await SseClient.open(streamUrl({ prompt: 'hello' }), bearer());
      expect([stream.status, stream.contentType]).toEqual([200, 'text/event-stream; charset=utf-8']);
      await stream.over();
      expect(stream.of('message:new').map(({ role, seq }) => [role, seq])).toEqual([
        ['user', 1],
        ['assistant', 2],
      ]);
      expect(stream.of('message:done')).toMatchObject([{ status: 'complete', sessionId }]);
      const [, answer] = await person.messages(sessionId);
      const [, placeholder] = stream.of('message:new');
      expect(apply(placeholder!['content'] as string, stream.of('message:stream'))).toBe(answer!.content);
      expect(stream.lastId).toBe('3.0');
    });

    it('go on where they broke with Last-Event-ID, without asking again', async () => {
      model.script({ deltas: WORDS, everyMs: 4 });
      const first = await SseClient.open(streamUrl({ prompt: 'hello' }), bearer());
      await first.until(() => first.of('message:stream').length > 5, 'some text');
      first.close();
      const shown = apply(
        (first.of('message:new')[1]?.['content'] as string | undefined) ?? '',
        first.of('message:stream'),
      );
      const again = await SseClient.open(streamUrl({ prompt: 'hello' }), {
        ...bearer(),
        'last-event-id': first.lastId!,
      });
      await again.over();
      expect(again.of('message:new')).toEqual([]);
      expect(apply(shown, again.of('message:stream'))).toBe(WHOLE);
      expect(again.of('message:done')).toHaveLength(1);
      expect(model.calls).toHaveLength(1);
      expect(await person.messages(sessionId)).toHaveLength(2);
      const nothing = await SseClient.open(streamUrl({ prompt: 'hello' }), {
        ...bearer(),
        'last-event-id': again.lastId!,
      });
      expect(nothing.status).toBe(204);
      expect(model.calls).toHaveLength(1);
    });

    it('give the finished answer to who comes back after its end', async () => {
      model.script({ deltas: ['all ', 'of ', 'it'], everyMs: 10 });
      const first = await SseClient.open(streamUrl({ prompt: 'hello' }), bearer());
      await first.event('message:new');
      first.close();
      const watcher = await person.socket();
      const { streaming } = await watcher.command('join', { sessionId, since: 0 });
      if (streaming) await watcher.event('message:done');
      person.closeSockets();
      const again = await SseClient.open(streamUrl({ prompt: 'hello' }), {
        ...bearer(),
        'last-event-id': first.lastId!,
      });
      await again.over();
      expect(again.frames.at(-1)).toMatchObject({ event: 'message:done', data: { status: 'complete' } });
      expect(again.frames.some(({ data }) => data['content'] === 'all of it')).toBe(true);
    });

    it('do not ask twice when a request is repeated with its requestId', async () => {
      model.script({ deltas: ['once'] });
      const streams = await Promise.all(
        Array.from({ length: 5 }, () => SseClient.open(streamUrl({ prompt: 'hello', requestId: 'r1' }), bearer())),
      );
      await Promise.all(streams.map((stream) => stream.over()));
      for (const stream of streams) expect(stream.of('message:done')).toHaveLength(1);
      expect(model.calls).toHaveLength(1);
    });

    it('follow a session live, from the number that the reader has', async () => {
      model.script({ deltas: ['an ', 'answer'] });
      const stream = await SseClient.open(streamUrl(), bearer());
      await person.post('/messages', { sessionId, role: 'user', content: 'hello' });
      await stream.event('message:done');
      stream.close();
      await person.post('/messages', { sessionId, role: 'assistant', content: 'a note' });
      const later = await SseClient.open(streamUrl({ since: '3' }), bearer());
      expect(await later.event('message:new')).toMatchObject({ content: 'a note', seq: 4 });
      expect(later.frames.map(({ id }) => id)).toEqual(['4.0']);
      later.close();
    });

    it('take a ticket where no header can be sent, once', async () => {
      const { body } = await person.post<{ ticket: string; expiresIn: number }>('/sse/ticket');
      expect(body.expiresIn).toBe(30);
      const stream = await SseClient.open(streamUrl({ ticket: body.ticket }));
      expect(stream.status).toBe(200);
      stream.close();
      const twice = await SseClient.open(streamUrl({ ticket: body.ticket }));
      expect(twice.status).toBe(401);
      await twice.until(() => twice.body.includes('TICKET_INVALID'), 'the refusal');
    });

    it('refuse in plain JSON before they begin', async () => {
      const stranger = await app.person();
      const refusals = [
        [streamUrl({ prompt: ' ' }), bearer(), 400],
        [streamUrl({ prompt: 'x'.repeat(10_001) }), bearer(), 400],
        [streamUrl({ since: 'yesterday' }), bearer(), 400],
        [streamUrl({ prompt: 'hello' }), {}, 401],
        [streamUrl({ prompt: 'hello' }), { authorization: `Bearer ${stranger.token}` }, 404],
      ] as const;
      for (const [url, headers, status] of refusals) {
        const stream = await SseClient.open(url, headers);
        expect([stream.status, stream.contentType]).toEqual([status, 'application/json; charset=utf-8']);
      }
      expect(await person.messages(sessionId)).toEqual([]);
    });

    it('carry no text that could forge a frame', async () => {
      const hostile = 'x\r\n\r\nevent: message:done\ndata: {"status":"forged"}\n\nid: 9.9\n\u2028';
      model.script({ deltas: [hostile] });
      const stream = await SseClient.open(streamUrl({ prompt: hostile }), bearer());
      await stream.over();
      expect(stream.of('message:done')).toMatchObject([{ status: 'complete' }]);
      expect(stream.frames.every(({ id }) => id !== '9.9')).toBe(true);
      expect((await person.messages(sessionId)).map(({ content }) => content)).toEqual([hostile, hostile]);
    });

    it('close with a reason when the person signs out', async () => {
      const other = await app.person();
      const own = await other.session();
      const stream = await SseClient.open(`${app.url}/sse/sessions/${own}/stream`, {
        authorization: `Bearer ${other.token}`,
      });
      const watch = new Stopwatch();
      expect((await other.post('/auth/logout?all=true')).status).toBe(204);
      await stream.over();
      expect(watch.ms()).toBeLessThan(1000);
      expect(stream.of('closing')).toMatchObject([{ reason: 'signed_out' }]);
    });
  });

  describe('lines of JSON', () => {
    async function ask(body: object, headers: Record<string, string> = {}) {
      const response = await fetch(`${app.url}/messages/stream`, {
        method: 'POST',
        headers: { ...bearer(), 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });
      const text = await response.text();
      return { status: response.status, type: response.headers.get('content-type'), text };
    }
    const linesOf = (text: string) =>
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);

    it('carry the answer piece by piece and name the message at the end', async () => {
      model.script({ deltas: WORDS, usage: { prompt_tokens: 3, completion_tokens: 120 } });
      const { status, type, text } = await ask({ sessionId, prompt: 'hello' });
      expect([status, type]).toEqual([200, 'application/x-ndjson; charset=utf-8']);
      const lines = linesOf(text);
      expect(
        lines
          .slice(0, -1)
          .map(({ delta }) => delta)
          .join(''),
      ).toBe(WHOLE);
      const [, answer] = await person.messages(sessionId);
      expect(lines.at(-1)).toMatchObject({ done: true, messageId: answer!.id, status: 'complete' });
      expect(answer!.content).toBe(WHOLE);
    });

    it('end with a typed error when the model fails', async () => {
      const own = await TestApp.start({ OPENAI_BASE_URL: model.baseUrl });
      model.script({ status: 401 });
      const someone = await own.person();
      const answer = await someone.post<string>('/messages/stream', {
        sessionId: await someone.session(),
        prompt: 'hello',
      });
      expect(linesOf(answer.body)).toMatchObject([{ error: { code: 'AI_MISCONFIGURED' } }]);
      await own.close();
    });

    it('refuse in plain JSON before they begin', async () => {
      expect(await ask({ sessionId, prompt: '' })).toMatchObject({
        status: 400,
        type: 'application/json; charset=utf-8',
      });
      expect(await ask({ sessionId: person.id, prompt: 'x' })).toMatchObject({ status: 404 });
      expect(await ask({ sessionId, prompt: 'x' }, { 'idempotency-key': 'naïve' })).toMatchObject({ status: 400 });
    });

    it('answer a repeated Idempotency-Key with the same answer', async () => {
      model.script({ deltas: ['once'] });
      const first = await ask({ sessionId, prompt: 'hello' }, { 'idempotency-key': 'k' });
      const second = await ask({ sessionId, prompt: 'hello' }, { 'idempotency-key': 'k' });
      expect(second.text).toBe(first.text);
      expect(model.calls).toHaveLength(1);
    });
  });
});
