import { LLMock } from '@copilotkit/aimock';
import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ModelService } from '../../src/ai/providers/model.service.js';
import { ask, modelService } from '../support/model-client.js';

const TEXT = 'Здравствуйте! 👩‍👩‍👧‍👦 Это ответ, and some English, 世界, e\u0301 🏳️‍🌈.';
const LONG = Array.from({ length: 60 }, (_, i) => `word${i}`).join(' ');

describe('answers of a mock model server that others wrote', () => {
  const mock = new LLMock({ port: 0, chunkSize: 3 });
  let service: ModelService;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    await mock.start();
  });
  beforeEach(() => {
    mock.clearFixtures();
    mock.clearRequests();
    mock.clearChaos();
    mock.onMessage('unicode', { content: TEXT, usage: { prompt_tokens: 21, completion_tokens: 34 } });
    mock.onMessage('long', { content: LONG });
    mock.onMessage('tool', { toolCalls: [{ name: 'escalate', arguments: '{"reason":"angry"}' }] });
    service = modelService({
      OPENAI_BASE_URL: `${mock.url}/v1`,
      OPENAI_MODEL: 'gpt-4o-mini',
      AI_IDLE_TIMEOUT_MS: '2000',
    });
  });
  afterAll(() => mock.stop());

  it('come whole, in any script, with the usage that the server reports', async () => {
    const asked = await ask(service, 'unicode please');
    expect(asked.text).toBe(TEXT);
    expect(asked.deltas.length).toBeGreaterThan(10);
    expect(asked.deltas.every((delta) => delta.isWellFormed())).toBe(true);
    expect(asked.answer).toMatchObject({
      finishReason: 'stop',
      usage: { promptTokens: 21, completionTokens: 34 },
      attempts: 1,
    });
  });

  it('may be calls of tools', async () => {
    const asked = await ask(service, 'tool please');
    expect(asked.answer).toMatchObject({
      finishReason: 'tool_calls',
      toolCalls: [{ name: 'escalate', argumentsJson: '{"reason":"angry"}' }],
    });
  });

  it('tell the finish that the server reports', async () => {
    mock.prependFixture({ match: { userMessage: 'long' }, response: { content: LONG, finishReason: 'length' } });
    expect((await ask(service, 'long')).answer?.finishReason).toBe('length');
  });

  it.each([500, 503, 429])('come after one %i', async (status) => {
    mock.nextRequestError(status, { message: 'not now', type: 'server_error' });
    const asked = await ask(service, 'unicode please');
    expect(asked.text).toBe(TEXT);
    expect(asked.answer?.attempts).toBe(2);
  });

  it('fail once and for all when the account is used up', async () => {
    mock.nextRequestError(429, { message: 'pay first', type: 'insufficient_quota', code: 'insufficient_quota' });
    expect((await ask(service, 'unicode please')).code).toBe('AI_QUOTA_EXHAUSTED');
    expect(mock.getRequests()).toHaveLength(1);
  });

  it('keep their text when the stream is truncated', async () => {
    mock.prependFixture({
      match: { userMessage: 'long' },
      response: { content: LONG },
      latency: 5,
      truncateAfterChunks: 20,
    });
    const asked = await ask(service, 'long');
    expect(asked.code).toBe('AI_INTERRUPTED');
    expect(asked.text.length).toBeGreaterThan(10);
    expect(LONG.startsWith(asked.text)).toBe(true);
    expect(mock.getRequests()).toHaveLength(1);
  });

  it('keep their text when the server hangs up', async () => {
    mock.prependFixture({
      match: { userMessage: 'long' },
      response: { content: LONG },
      latency: 10,
      disconnectAfterMs: 300,
    });
    const asked = await ask(service, 'long');
    expect(asked.code).toBe('AI_INTERRUPTED');
    expect(asked.text.length).toBeGreaterThan(10);
    expect(LONG.startsWith(asked.text)).toBe(true);
  });

  it('are whole or typed failures with a true beginning of the text, whatever the chaos', async () => {
    mock.setChaos({ dropRate: 0.15, malformedRate: 0.1, disconnectRate: 0.1, rateLimitRate: 0.1 });
    const asked = await Promise.all(Array.from({ length: 60 }, () => ask(service, 'unicode please')));
    for (const { text, answer, code, error } of asked) {
      expect(TEXT.startsWith(text)).toBe(true);
      if (answer) expect(text).toBe(TEXT);
      else expect(code ?? error).toMatch(/^AI_/);
    }
    expect(asked.filter(({ answer }) => answer).length).toBeGreaterThan(20);
  });
});
