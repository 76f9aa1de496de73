import { describe, expect, it } from '@jest/globals';
import { AppConfig } from '../config/app-config.js';
import { MetricsPage } from './metrics-page.js';
import { MetricsService } from './metrics.service.js';

function page(env: Record<string, string> = {}) {
  const metrics = new MetricsService();
  return { metrics, page: new MetricsPage(AppConfig.from(env), metrics) };
}

describe('MetricsPage', () => {
  it('gives Prometheus what was counted', async () => {
    const { metrics, page: it } = page();
    metrics.connectionOpened('sse');
    metrics.connectionOpened('socketio');
    metrics.connectionClosed('socketio');
    metrics.messageAppended('user', 3);
    metrics.answerStarted();
    metrics.answerFirstDelta('echo', 0.2);
    metrics.answerEnded('echo', 'stopped', 1.5);
    metrics.providerFailed('openai', 'AI_TIMEOUT');
    metrics.requestEnded('GET', '/sessions/:id', 200, 0.02);
    metrics.watchPool(() => ({ total: 5, idle: 3, waiting: 1 }));
    const { contentType, body } = await it.answer({});
    expect(contentType).toMatch(/^text\/plain; version=0\.0\.4/);
    for (const line of [
      'parley_live_connections{wire="sse"} 1',
      'parley_live_connections{wire="socketio"} 0',
      'parley_messages_appended_total{role="user"} 3',
      'parley_answers_running 0',
      'parley_answers_ended_total{state="stopped"} 1',
      'parley_answer_first_delta_seconds_count{provider="echo"} 1',
      'parley_answer_duration_seconds_sum{provider="echo"} 1.5',
      'parley_provider_errors_total{provider="openai",code="AI_TIMEOUT"} 1',
      'parley_http_request_duration_seconds_count{method="GET",route="/sessions/:id",status="200"} 1',
      'parley_db_connections{state="busy"} 2',
    ])
      expect(body.split('\n')).toContain(line);
    expect(body).toContain('process_resident_memory_bytes');
  });

  it.each([
    ['application/json', /^application\/json/],
    ['application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1', /^text\/plain/],
    ['*/*', /^text\/plain/],
  ])('answers "Accept: %s" with %s', async (accept, type) => {
    expect((await page().page.answer({ accept })).contentType).toMatch(type);
  });

  it('sums the live connections up in JSON', async () => {
    const { metrics, page: it } = page();
    metrics.connectionOpened('sse');
    metrics.connectionOpened('websocket');
    const { body } = await it.answer({ accept: 'application/json' });
    expect(JSON.parse(body)).toMatchObject({ activeConnections: 2, memoryUsage: { rss: expect.any(Number) } });
  });

  it.each([undefined, 'Bearer wrong', 'Bearer', 'Basic the-token', 'Bearer the-token-2', 'the-token'])(
    'wants the token that is set, not "%s"',
    async (authorization) => {
      const { page: it } = page({ METRICS_TOKEN: 'the-token' });
      await expect(it.answer({ authorization })).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
      await expect(it.answer({ authorization: 'Bearer the-token' })).resolves.toBeDefined();
    },
  );
});
