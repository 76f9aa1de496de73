import { Logger } from '@nestjs/common';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ModelService } from '../../src/ai/providers/model.service.js';
import type { AppError } from '../../src/common/errors/app-error.js';
import { ask, modelService } from '../support/model-client.js';
import { ScriptedOpenAi, type Ending } from '../support/scripted-openai.js';

const KEY = 'sk-canary-5f1c';
const letters = (count: number) => Array.from({ length: count }, (_, i) => String.fromCharCode(97 + (i % 26)));
const insufficientQuota = { error: { message: `Quota of ${KEY} is used up`, code: 'insufficient_quota' } };

describe('answers of an OpenAI-compatible server', () => {
  let server: ScriptedOpenAi;
  let service: ModelService;
  const withEnv = (env: Record<string, string>) =>
    modelService({
      OPENAI_BASE_URL: server.baseUrl,
      OPENAI_API_KEY: KEY,
      OPENAI_MODEL: 'scripted',
      AI_FIRST_BYTE_TIMEOUT_MS: '8000',
      AI_IDLE_TIMEOUT_MS: '8000',
      AI_TOTAL_TIMEOUT_MS: '10000',
      ...env,
    });
  const closedByUs = async (call = 0) => (await server.calls[call]!.closed).byClient;

  beforeAll(async () => {
    server = await ScriptedOpenAi.start();
    Logger.overrideLogger(false);
    // Loads the SDK, which must not count for the short limits of some tests.
    await ask(withEnv({}), 'Hi');
  });
  beforeEach(() => {
    service = withEnv({});
  });
  afterEach(() => void jest.restoreAllMocks());
  afterAll(async () => {
    expect(server.openSockets).toBeLessThan(10);
    await server.stop();
  });

  it('streams the answer and passes the usage on', async () => {
    const deltas = ['При', 'вет, ', '👩‍👩‍👧', ' 世界'];
    server.script({ deltas, usage: { prompt_tokens: 11, completion_tokens: 7 } });
    const asked = await ask(service, 'Hi', {
      turns: [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: 'Hi' },
      ],
      maxOutputTokens: 99,
    });
    expect(asked.deltas).toEqual(deltas);
    expect(asked.answer).toEqual({
      finishReason: 'stop',
      usage: { promptTokens: 11, completionTokens: 7 },
      toolCalls: [],
      provider: 'openai',
      model: 'scripted',
      attempts: 1,
    });
    expect(server.calls).toHaveLength(1);
    expect(server.calls[0]).toMatchObject({
      path: '/v1/chat/completions',
      headers: { authorization: `Bearer ${KEY}` },
      body: {
        model: 'scripted',
        stream: true,
        stream_options: { include_usage: true },
        max_tokens: 99,
        messages: [
          { role: 'system', content: 'Be kind.' },
          { role: 'user', content: 'Hi' },
        ],
      },
    });
  });

  it('hands each delta on when it comes, not at the end', async () => {
    server.script({ deltas: ['a', 'b', 'c'], everyMs: 60 });
    const at: number[] = [];
    await ask(service, 'Hi', { onDelta: () => at.push(performance.now()) });
    expect(at[2]! - at[0]!).toBeGreaterThan(90);
  });

  it('uses connections again for answers that follow each other', async () => {
    server.script({ deltas: ['a'] });
    for (let i = 0; i < 8; i++) await ask(service, 'Hi');
    expect(new Set(server.calls.map((call) => call.closed)).size).toBeLessThan(5);
  });

  it('needs no key for a compatible server', async () => {
    server.script({ deltas: ['a'] });
    expect((await ask(withEnv({ OPENAI_API_KEY: '' }), 'Hi')).text).toBe('a');
    expect(server.calls[0]!.headers['authorization']).not.toContain('undefined');
  });

  it('takes one JSON completion for a stream', async () => {
    const completion = {
      choices: [{ message: { content: 'Hi there' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 1, completion_tokens: 2 },
    };
    server.script({ status: 200, body: completion });
    const { text, answer } = await ask(service, 'Hi');
    expect(text).toBe('Hi there');
    expect(answer).toMatchObject({ finishReason: 'stop', usage: { promptTokens: 1, completionTokens: 2 } });
  });

  it('leaves out what the server refuses to know, and remembers it', async () => {
    server.script(
      { status: 400, body: { error: { message: 'Unrecognized request argument: stream_options' } } },
      { status: 422, body: { detail: [{ loc: ['body', 'max_tokens'], msg: 'Extra inputs are not permitted' }] } },
      { deltas: ['a'] },
    );
    expect((await ask(service, 'Hi')).text).toBe('a');
    expect((await ask(service, 'Hi')).text).toBe('a');
    expect(server.calls).toHaveLength(4);
    for (const call of server.calls.slice(2)) {
      expect(call.body).not.toHaveProperty('stream_options');
      expect(call.body).not.toHaveProperty('max_tokens');
      expect(call.body).toHaveProperty('max_completion_tokens');
    }
  });

  describe('that refuses', () => {
    it.each([500, 503])('retries a %i twice, then says that it is unavailable', async (status) => {
      server.script({ status });
      expect((await ask(service, 'Hi')).code).toBe('AI_UNAVAILABLE');
      expect(server.calls).toHaveLength(3);
    });

    it('answers when a retry succeeds', async () => {
      server.script({ status: 429 }, { status: 503 }, { deltas: ['late'] });
      const asked = await ask(service, 'Hi');
      expect(asked.text).toBe('late');
      expect(asked.answer?.attempts).toBe(3);
    });

    it('waits at least as long as Retry-After says', async () => {
      server.script({ status: 429, headers: { 'retry-after': '1' } }, { deltas: ['a'] });
      const asked = await ask(service, 'Hi');
      expect(asked.text).toBe('a');
      const waited = server.calls[1]!.at - server.calls[0]!.at;
      expect(waited).toBeGreaterThanOrEqual(1000);
      expect(waited).toBeLessThan(5_000);
    });

    it('fails at once when it is to wait for more than a minute, and tells how long', async () => {
      server.script({ status: 429, headers: { 'retry-after': '120' } });
      const asked = await ask(service, 'Hi');
      expect(asked.error).toMatchObject({ code: 'AI_OVERLOADED', retryAfterSeconds: 120 });
      expect(server.calls).toHaveLength(1);
    });

    it.each([
      [401, { error: { message: `Incorrect API key provided: ${KEY}`, code: 'invalid_api_key' } }, 'AI_MISCONFIGURED'],
      [403, { error: { message: 'Your country is not served' } }, 'AI_MISCONFIGURED'],
      [429, insufficientQuota, 'AI_QUOTA_EXHAUSTED'],
    ])('calls once for a %i that only an operator can mend, then spares the provider', async (status, body, code) => {
      const warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
      server.script({ status, body });
      const first = await ask(service, 'Hi');
      const second = await ask(service, 'Hi');
      expect([first.code, second.code]).toEqual([code, code]);
      expect((second.error as AppError).retryAfterSeconds).toBe(30);
      expect(server.calls).toHaveLength(1);
      const [health] = service.health();
      expect(health).toMatchObject({ provider: 'openai', breaker: 'open', isDefault: true });
      expect(health!.lastFailure).toMatch(new RegExp(`^openai answered ${status}`));
      expect(warn).toHaveBeenCalledTimes(1);
      const { cause, message } = first.error as AppError;
      expect(JSON.stringify([warn.mock.calls, health, message, String(cause), (cause as Error).stack])).not.toContain(
        KEY,
      );
    });

    it('spares only the model for a 404', async () => {
      server.script({ status: 404, body: { error: { code: 'model_not_found' } } }, { deltas: ['a'] });
      expect((await ask(service, 'Hi', { model: 'no-such' })).code).toBe('AI_MISCONFIGURED');
      expect((await ask(service, 'Hi', { model: 'no-such' })).code).toBe('AI_MISCONFIGURED');
      expect(server.calls).toHaveLength(1);
      expect((await ask(service, 'Hi')).text).toBe('a');
    });

    it('does not read an endless refusal to its end', async () => {
      const raw = letters(50).map((letter) => letter.repeat(10_000));
      server.script({ status: 400, raw, ending: 'stall' });
      expect((await ask(service, 'Hi')).code).toBe('AI_REQUEST_REFUSED');
      expect(await closedByUs()).toBe(true);
    });

    it('sends a web page instead of an answer', async () => {
      server.script({ raw: ['<p>Welcome'], contentType: 'text/html; charset=utf-8', ending: 'stall' });
      expect((await ask(service, 'Hi')).code).toBe('AI_BAD_RESPONSE');
      expect(await closedByUs()).toBe(true);
    });

    it('is spared after five answers that failed', async () => {
      server.script({ status: 429, headers: { 'retry-after': '100' } });
      for (let i = 0; i < 5; i++) await ask(service, 'Hi');
      expect(server.calls).toHaveLength(5);
      expect((await ask(service, 'Hi')).error).toMatchObject({ code: 'AI_UNAVAILABLE', retryAfterSeconds: 30 });
      expect(server.calls).toHaveLength(5);
    });

    it('says that nobody is there when nobody is there', async () => {
      const gone = await ScriptedOpenAi.start();
      const url = gone.baseUrl;
      await gone.stop();
      const asked = await ask(withEnv({ OPENAI_BASE_URL: url }), 'Hi');
      expect(asked.code).toBe('AI_UNAVAILABLE');
      expect(String((asked.error as AppError).cause)).toContain('ECONNREFUSED');
    });

    it('retries when the connection is dropped before the answer', async () => {
      server.script({ before: 'reset' }, { deltas: ['a'] });
      expect((await ask(service, 'Hi')).text).toBe('a');
      expect(server.calls).toHaveLength(2);
    });
  });

  describe('that breaks off', () => {
    it.each([1, 10, 50])('keeps the text of %i deltas when the stream ends without a finish', async (count) => {
      const deltas = letters(count);
      server.script({ deltas, ending: 'eof' });
      const asked = await ask(service, 'Hi');
      expect(asked.code).toBe('AI_INTERRUPTED');
      expect(asked.deltas).toEqual(deltas);
      expect(server.calls).toHaveLength(1);
    });

    it.each([
      [1, 'reset'],
      [10, 'reset'],
      [100, 'reset'],
      [10, 'cut'],
    ] as [number, Ending][])(
      'keeps the text of %i deltas when the connection is %s, and does not ask again',
      async (count, ending) => {
        const deltas = letters(count);
        server.script({ deltas, ending });
        const asked = await ask(service, 'Hi');
        expect(asked.code).toBe('AI_INTERRUPTED');
        expect(asked.deltas).toEqual(deltas);
        expect(server.calls).toHaveLength(1);
      },
    );

    it.each(['eof', 'reset', 'error'] as Ending[])(
      'asks again when that is before the first text (%s)',
      async (ending) => {
        server.script({ deltas: [], ending }, { deltas: ['a'] });
        const asked = await ask(service, 'Hi');
        expect(asked.text).toBe('a');
        expect(server.calls).toHaveLength(2);
      },
    );

    it('is not spared for that, since it begins to answer', async () => {
      server.script({ deltas: ['a'], ending: 'eof' });
      for (let i = 0; i < 8; i++) await ask(service, 'Hi');
      expect(server.calls).toHaveLength(8);
      expect(service.health()[0]).toMatchObject({ breaker: 'closed', failuresInARow: 0 });
    });

    it('passes on what an error in the stream says', async () => {
      server.script({ deltas: ['a'], ending: 'error', error: { code: 'rate_limit_exceeded', message: KEY } });
      const asked = await ask(service, 'Hi');
      expect(asked).toMatchObject({ code: 'AI_OVERLOADED', text: 'a' });
      expect(server.calls).toHaveLength(1);
    });

    it('closes the connection after a line that cannot be read', async () => {
      server.script({
        raw: ['data: {"choices":[{"delta":{"content":"a"}}]}\n\n', 'data: {oops}\n\n'],
        ending: 'stall',
      });
      expect(await ask(service, 'Hi')).toMatchObject({ code: 'AI_BAD_RESPONSE', text: 'a' });
      expect(await closedByUs()).toBe(true);
    });

    it('reads text whose characters are split over packets', async () => {
      const stream = Buffer.from('data: {"choices":[{"delta":{"content":"Да 👍🏽"}}]}\r\n\r\ndata: [DONE]');
      server.script({ raw: Array.from(stream, (_, i) => stream.subarray(i, i + 1)) });
      expect(await ask(service, 'Hi')).toMatchObject({ text: 'Да 👍🏽', answer: { finishReason: 'stop' } });
    });

    it('does not wait for the connection to end after [DONE], but closes it', async () => {
      server.script({ raw: ['data: {"choices":[{"delta":{"content":"a"}}]}\n\ndata: [DONE]\n\n'], ending: 'stall' });
      const asked = await ask(service, 'Hi');
      expect(asked.answer?.finishReason).toBe('stop');
      expect(asked.tookMs).toBeLessThan(2_500);
      expect(await closedByUs()).toBe(true);
    });
  });

  describe('that is too slow', () => {
    const impatience = { AI_FIRST_BYTE_TIMEOUT_MS: '300', AI_IDLE_TIMEOUT_MS: '300' };
    beforeEach(() => {
      service = withEnv(impatience);
    });

    const stalls: [string, Parameters<ScriptedOpenAi['script']>[0], string, number][] = [
      ['before its headers', { before: 'stall' }, '', 2],
      ['after its headers', { deltas: [], ending: 'stall' }, '', 2],
      ['after 3 deltas', { deltas: letters(3), ending: 'stall' }, 'abc', 1],
    ];
    it.each(stalls)('is given up when it stalls %s, and its connection closed', async (_when, step, text, calls) => {
      server.script(step);
      const asked = await ask(service, 'Hi');
      expect(asked).toMatchObject({ code: 'AI_TIMEOUT', text });
      expect(server.calls).toHaveLength(calls);
      const last = server.calls.at(-1)!;
      const { byClient, at } = await last.closed;
      expect(byClient).toBe(true);
      expect(at - asked.at).toBeLessThan(200);
      expect(at - last.at).toBeGreaterThan(280);
      expect(at - last.at).toBeLessThan(2_500);
    });

    it('is given up when all of it takes too long, though it never falls silent', async () => {
      server.script({ deltas: letters(1000), everyMs: 20 });
      const asked = await ask(withEnv({ ...impatience, AI_TOTAL_TIMEOUT_MS: '600' }), 'Hi');
      expect(asked.error).toMatchObject({ code: 'AI_TIMEOUT', details: { limit: 'total' } });
      expect(asked.tookMs).toBeGreaterThanOrEqual(590);
      expect(asked.tookMs).toBeLessThan(2_500);
      expect(asked.text.length).toBeGreaterThan(3);
      expect((await server.calls[0]!.closed).at - asked.at).toBeLessThan(200);
    });

    it('is given up when only comments keep the connection alive', async () => {
      server.script({ raw: letters(1000).map(() => ': still here\n\n'), everyMs: 20 });
      const asked = await ask(service, 'Hi');
      expect(asked.error).toMatchObject({ code: 'AI_TIMEOUT', details: { limit: 'first-byte' } });
    });

    it('may reason for longer than the idle limit before its first text', async () => {
      const thoughts = letters(12).map(() => 'data: {"choices":[{"delta":{"reasoning_content":"hm"}}]}\n\n');
      server.script({
        raw: [...thoughts, 'data: {"choices":[{"delta":{"content":"a"}}]}\n\ndata: [DONE]\n\n'],
        everyMs: 50,
      });
      expect((await ask(service, 'Hi')).text).toBe('a');
    });

    it('is not waited for beyond the total limit by retries', async () => {
      server.script({ status: 429, headers: { 'retry-after': '30' } });
      const asked = await ask(service, 'Hi');
      expect(asked.error).toMatchObject({ code: 'AI_OVERLOADED', retryAfterSeconds: 30 });
      expect(asked.tookMs).toBeLessThan(2_500);
    });
  });

  describe('that writes too much', () => {
    it('is cut at 256 KB, without half a character, and its connection closed', async () => {
      server.script({ endless: '😀'.repeat(333) });
      const asked = await ask(service, 'Hi', { maxOutputTokens: 1_000_000 });
      expect(asked.answer).toMatchObject({ finishReason: 'length', usage: null });
      expect(Buffer.byteLength(asked.text)).toBe(262_144);
      expect(asked.text.isWellFormed()).toBe(true);
      const { at, byClient } = await server.calls[0]!.closed;
      expect(byClient).toBe(true);
      expect(at - asked.at).toBeLessThan(200);
    });

    it('is cut when it ignores the limit of tokens', async () => {
      server.script({ endless: 'word ' });
      const asked = await ask(service, 'Hi', { maxOutputTokens: 500 });
      expect(asked.answer?.finishReason).toBe('length');
      expect(asked.text).toHaveLength(8000);
    });

    it('does not hold up the event loop', async () => {
      server.script({ endless: 'xxxx' });
      const delay = monitorEventLoopDelay({ resolution: 5 });
      delay.enable();
      await ask(service, 'Hi', { maxOutputTokens: 1_000_000 });
      delay.disable();
      expect(delay.percentile(95) / 1e6).toBeLessThan(500);
    });
  });

  describe('that is told to stop', () => {
    const reason = new Error('stopped by the user');
    it.each([0, 1, 25])('is cut off within 200 ms after %i deltas', async (count) => {
      const stop = new AbortController();
      server.script(count === 0 ? { before: 'stall' } : { deltas: letters(count), ending: 'stall' });
      let seen = 0;
      let stoppedAt = 0;
      const halt = () => {
        stoppedAt = performance.now();
        stop.abort(reason);
      };
      if (count === 0) setTimeout(halt, 50);
      const asked = await ask(service, 'Hi', { signal: stop.signal, onDelta: () => ++seen === count && halt() });
      expect(asked.error).toBe(reason);
      expect(asked.deltas).toEqual(letters(count));
      const { at, byClient } = await server.calls[0]!.closed;
      expect(byClient).toBe(true);
      expect(at - stoppedAt).toBeLessThan(200);
      expect(server.calls).toHaveLength(1);
    });

    it('tells nothing after the stop, though more had come already', async () => {
      const stop = new AbortController();
      const piece = 'data: {"choices":[{"delta":{"content":"a"}}]}\n\n';
      server.script({ raw: [piece.repeat(100)], ending: 'stall' });
      const asked = await ask(service, 'Hi', { signal: stop.signal, onDelta: () => stop.abort(reason) });
      expect(asked.deltas).toEqual(['a']);
    });

    it('is not called at all when it was stopped before', async () => {
      server.script({ deltas: ['a'] });
      const asked = await ask(service, 'Hi', { signal: AbortSignal.abort(reason) });
      expect(asked.error).toBe(reason);
      expect(server.calls).toHaveLength(0);
    });

    it('stops a wait between two tries at once', async () => {
      const stop = new AbortController();
      server.script({ status: 429, headers: { 'retry-after': '3' } });
      setTimeout(() => stop.abort(reason), 150);
      const asked = await ask(service, 'Hi', { signal: stop.signal });
      expect(asked.error).toBe(reason);
      expect(asked.tookMs).toBeLessThan(2_500);
      expect(server.calls).toHaveLength(1);
    });

    it('is not held against the provider', async () => {
      server.script({ before: 'stall' });
      for (let i = 0; i < 6; i++) {
        const stop = new AbortController();
        setTimeout(() => stop.abort(reason), 10);
        await ask(service, 'Hi', { signal: stop.signal });
      }
      expect(service.health()[0]).toMatchObject({ breaker: 'closed', failuresInARow: 0 });
    });
  });

  describe('with fallbacks', () => {
    let second: ScriptedOpenAi;
    let both: ModelService;
    beforeAll(async () => {
      second = await ScriptedOpenAi.start();
    });
    beforeEach(() => {
      both = withEnv({ AI_FALLBACK_MODELS: 'other:7b,llm-service:small', LLM_SERVICE_URL: second.origin });
      second.script({
        raw: ['{"token":"from the service"}\n', '{"done":true}\n'],
        contentType: 'application/x-ndjson',
      });
    });
    afterAll(() => second.stop());

    it('asks the next model when one fails before its first text', async () => {
      server.script({ status: 404 }, { deltas: ['from the other'] });
      const asked = await ask(both, 'Hi');
      expect(asked.text).toBe('from the other');
      expect(asked.answer).toMatchObject({ provider: 'openai', model: 'other:7b', attempts: 2 });
      expect(server.calls.map((call) => call.body['model'])).toEqual(['scripted', 'other:7b']);
    });

    it('asks another provider when the first is spared', async () => {
      server.script({ status: 401 });
      expect((await ask(both, 'Hi')).answer).toMatchObject({ provider: 'llm-service', model: 'small', attempts: 2 });
      expect((await ask(both, 'Hi')).answer).toMatchObject({ provider: 'llm-service', attempts: 1 });
      expect(server.calls).toHaveLength(1);
      expect(second.calls[0]).toMatchObject({ path: '/chat/stream', body: { model: 'small', stream: true } });
    });

    it('never asks another model after the first text', async () => {
      server.script({ deltas: ['a'], ending: 'reset' });
      expect(await ask(both, 'Hi')).toMatchObject({ code: 'AI_INTERRUPTED', text: 'a' });
      expect(server.calls).toHaveLength(1);
      expect(second.calls).toHaveLength(0);
    });

    it('tells the failure of the model that was asked when all fail', async () => {
      server.script({ status: 429, body: insufficientQuota });
      second.script({ status: 404 });
      expect((await ask(both, 'Hi')).code).toBe('AI_QUOTA_EXHAUSTED');
    });

    it('does not ask others what the first refused to answer', async () => {
      server.script({ raw: ['data: {"choices":[{"finish_reason":"content_filter"}]}\n\n'] });
      expect((await ask(both, 'Hi')).code).toBe('AI_CONTENT_FILTERED');
      expect(server.calls).toHaveLength(1);
    });
  });
});
