import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AnswerBudget } from '../../src/ai/answer-budget.service.js';
import { eventually } from '../support/eventually.js';
import { TestApp } from '../support/app.js';
import { ScriptedOpenAi } from '../support/scripted-openai.js';

interface UsageBody {
  today: { runs: number; promptTokens: number; completionTokens: number; estimatedRuns: number };
  dailyQuota: number | null;
}

/** Where nobody is kept out unless they overdo it, the line is longer. */
const PRODUCTION = {
  NODE_ENV: 'production',
  JWT_SECRET: 'of the usage test, and long enough',
  REGISTER_LIMIT_PER_HOUR: '100',
};

describe('usage and its limits', () => {
  let model: ScriptedOpenAi;

  beforeAll(async () => {
    model = await ScriptedOpenAi.start();
  });

  afterAll(() => model.stop());

  const anApp = (overrides: Record<string, string> = {}) =>
    TestApp.start({ OPENAI_BASE_URL: model.baseUrl, ...overrides });

  it('is exact when the provider reported it and estimated after a stop, never zero', async () => {
    const app = await anApp();
    const person = await app.person();
    const sessionId = await person.session();
    const socket = await person.socket();
    model.script({ deltas: ['fine'], usage: { prompt_tokens: 21, completion_tokens: 4 } }, { endless: 'more ' });
    await socket.command('message:send', { sessionId, content: 'hello' });
    await socket.event('message:done');
    expect((await person.get<UsageBody>('/users/me/usage')).body.today).toEqual({
      runs: 1,
      promptTokens: 21,
      completionTokens: 4,
      estimatedRuns: 0,
    });
    await socket.command('message:send', { sessionId, content: 'never end' });
    await socket.event('message:stream', ({ delta }) => String(delta).includes('more'));
    await person.post(`/sessions/${sessionId}/stop`);
    const { today } = (await person.get<UsageBody>('/users/me/usage')).body;
    expect(today).toMatchObject({ runs: 2, estimatedRuns: 1 });
    expect(today.promptTokens).toBeGreaterThan(21);
    expect(today.completionTokens).toBeGreaterThan(4);
    person.closeSockets();
    await app.close();
  });

  it('of a provider that is spared shows in health and metrics', async () => {
    const app = await anApp();
    const person = await app.person();
    model.script({ status: 401 });
    await person.post('/messages/stream', { sessionId: await person.session(), prompt: 'hello' });
    const health = await eventually(async () => {
      const { body } = await person.get<{ status: string; checks: { assistant: { breakers: object } } }>('/health');
      return body.status === 'degraded' ? body : null;
    });
    expect(health.checks.assistant.breakers).toEqual({ openai: 'open' });
    expect((await person.get<string>('/metrics')).body).toContain('parley_provider_breaker_open{provider="openai"} 1');
    await app.close();
  });

  it('stays in the ledger when the session goes', async () => {
    const app = await anApp();
    const person = await app.person();
    const sessionId = await person.session();
    model.script({ deltas: ['fine'], usage: { prompt_tokens: 21, completion_tokens: 4 } });
    await person.post('/messages/stream', { sessionId, prompt: 'hello' });
    await person.delete(`/sessions/${sessionId}`);
    expect((await person.get<UsageBody>('/users/me/usage')).body.today).toMatchObject({ runs: 1, promptTokens: 21 });
    await app.close();
  });

  it('begins one of twenty answers that are asked for at once at the end of the quota', async () => {
    const app = await anApp({ AI_DAILY_TOKEN_QUOTA: '100', AI_MAX_RUNNING_PER_USER: '50' });
    const person = await app.person();
    const sessions = await Promise.all(Array.from({ length: 20 }, () => person.session()));
    model.script({ deltas: ['fine'], everyMs: 50, usage: { prompt_tokens: 60, completion_tokens: 60 } });
    const answers = await Promise.all(
      sessions.map((sessionId) => person.post<string>('/messages/stream', { sessionId, prompt: 'hello' })),
    );
    expect(model.calls).toHaveLength(1);
    const whole = answers.filter(({ body }) => typeof body === 'string' && body.includes('"done":true'));
    expect(whole).toHaveLength(1);
    for (const answer of answers.filter((it) => it !== whole[0]))
      expect(JSON.stringify(answer.body)).toContain('TOKEN_QUOTA_EXCEEDED');
    const refused = await person.post('/messages', { sessionId: sessions[0], role: 'user', content: 'one more' });
    expect(refused).toMatchObject({ status: 429, body: { code: 'TOKEN_QUOTA_EXCEEDED' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await person.get<UsageBody>('/users/me/usage')).body).toMatchObject({
      dailyQuota: 100,
      today: { runs: 1 },
    });
    const other = await app.person();
    expect(
      (await other.post<string>('/messages/stream', { sessionId: await other.session(), prompt: 'mine' })).body,
    ).toContain('"done":true');
    await app.close();
  });

  it('keeps answers of one person within their slots, in a bounded line, and lets others by', async () => {
    const app = await anApp({ AI_MAX_RUNNING_PER_USER: '2', ...PRODUCTION });
    const [busy, other] = [await app.person(), await app.person()];
    model.script({ endless: 'more ' });
    const sessions = await Promise.all(Array.from({ length: 23 }, () => busy.session()));
    const { slots } = app.get(AnswerBudget);
    const ask = (sessionId: string | undefined) => busy.post('/messages', { sessionId, role: 'user', content: 'x' });
    const sends = await Promise.all(sessions.slice(0, 22).map(ask));
    await eventually(() => slots.counts.waiting === 20);
    const oneTooMany = await ask(sessions[22]);
    const socket = await other.socket();
    const mine = await other.session();
    await socket.command('message:send', { sessionId: mine, content: 'x' });
    await socket.event('message:stream');
    expect(model.calls).toHaveLength(3);
    expect(sends.map(({ status }) => status)).toEqual(Array(22).fill(201));
    expect(oneTooMany).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
    await Promise.all(sessions.map((sessionId) => busy.post(`/sessions/${sessionId}/stop`)));
    await other.post(`/sessions/${mine}/stop`);
    other.closeSockets();
    await app.close();
  });
});
