import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ModelService } from '../../src/ai/providers/model.service.js';
import { ask, modelService } from '../support/model-client.js';
import { ScriptedOpenAi } from '../support/scripted-openai.js';

const contentType = 'application/x-ndjson';
const token = (text: string) => `${JSON.stringify({ content: text, type: 'token' })}\n`;

describe('answers of an NDJSON model service', () => {
  let server: ScriptedOpenAi;
  let service: ModelService;
  const withEnv = (env: Record<string, string>) =>
    modelService({
      LLM_SERVICE_URL: server.origin,
      AI_FIRST_BYTE_TIMEOUT_MS: '300',
      AI_IDLE_TIMEOUT_MS: '300',
      ...env,
    });

  beforeAll(async () => {
    server = await ScriptedOpenAi.start();
    Logger.overrideLogger(false);
  });
  beforeEach(() => {
    service = withEnv({});
  });
  afterAll(() => server.stop());

  it('streams what the service writes and passes its usage on', async () => {
    const end = `${JSON.stringify({ type: 'complete', content: 'Привет 👋', usage: { prompt_tokens: 3, completion_tokens: 2 } })}\n`;
    server.script({ raw: [token('Привет'), token(' 👋'), end], contentType });
    const asked = await ask(service, 'Hi', { maxOutputTokens: 50 });
    expect(asked.deltas).toEqual(['Привет', ' 👋']);
    expect(asked.answer).toMatchObject({
      provider: 'llm-service',
      model: 'default',
      finishReason: 'stop',
      usage: { promptTokens: 3, completionTokens: 2 },
    });
    expect(server.calls[0]).toMatchObject({
      path: '/chat/stream',
      headers: { accept: contentType, 'content-type': 'application/json' },
      body: { messages: [{ role: 'user', content: 'Hi' }], stream: true, max_tokens: 50 },
    });
    expect(server.calls[0]!.body).not.toHaveProperty('model');
  });

  it('sends the model that was chosen, to the path that was configured', async () => {
    server.script({ raw: ['{"delta":"a"}\n{"done":true}'], contentType });
    await ask(withEnv({ LLM_SERVICE_URL: `${server.origin}/v2/generate?x=1` }), 'Hi', { model: 'small' });
    expect(server.calls[0]).toMatchObject({ path: '/v2/generate?x=1', body: { model: 'small' } });
  });

  it.each(['eof', 'cut', 'reset'] as const)('keeps the text when the stream breaks off (%s)', async (ending) => {
    server.script({ raw: [token('a'), token('b')], contentType, ending });
    expect(await ask(service, 'Hi')).toMatchObject({ code: 'AI_INTERRUPTED', text: 'ab' });
    expect(server.calls).toHaveLength(1);
  });

  it('gives up and closes the connection when the service falls silent', async () => {
    server.script({ raw: [token('a')], contentType, ending: 'stall' });
    const asked = await ask(service, 'Hi');
    expect(asked).toMatchObject({ code: 'AI_TIMEOUT', text: 'a' });
    const { at, byClient } = await server.calls[0]!.closed;
    expect(byClient).toBe(true);
    expect(at - asked.at).toBeLessThan(200);
  });

  it('closes the connection within 200 ms after a stop', async () => {
    const stop = new AbortController();
    let stoppedAt = 0;
    const halt = () => {
      stoppedAt = performance.now();
      stop.abort('enough');
    };
    server.script({ raw: [token('a'), token('b')], contentType, everyMs: 50, ending: 'stall' });
    expect(await ask(service, 'Hi', { signal: stop.signal, onDelta: halt })).toMatchObject({
      error: 'enough',
      text: 'a',
    });
    const { at, byClient } = await server.calls[0]!.closed;
    expect(byClient).toBe(true);
    expect(at - stoppedAt).toBeLessThan(200);
  });

  it('retries a 503, but not a 401', async () => {
    server.script({ status: 503 }, { raw: ['{"text":"a"}\n{"done":true}\n'], contentType });
    expect((await ask(service, 'Hi')).answer).toMatchObject({ attempts: 2 });
    server.script({ status: 401, body: 'go away' });
    expect((await ask(withEnv({}), 'Hi')).code).toBe('AI_MISCONFIGURED');
    expect(server.calls).toHaveLength(1);
  });

  it('refuses a page instead of lines', async () => {
    server.script({ raw: ['<!doctype html>\n<p>Hello\n'], contentType: 'text/html' });
    expect((await ask(service, 'Hi')).code).toBe('AI_BAD_RESPONSE');
  });
});
