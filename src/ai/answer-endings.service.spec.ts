import { Logger } from '@nestjs/common';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { CustomerDesk } from '../messages/customer-desk.js';
import { MetricsService } from '../metrics/metrics.service.js';
import type { UnitOfWork } from '../prisma/unit-of-work.js';
import { AnswerEndings } from './answer-endings.service.js';
import { AnswerMetrics } from './answer-metrics.js';
import { AnswerRun, type AnswerPlan } from './answer-run.js';
import type { RunOutcome } from './answer-writer.service.js';
import type { AnswerRecords } from './answer-records.service.js';
import type { TitlesService } from './titles.service.js';

const PLAN = {
  generationId: 'g',
  conversationId: 'c',
  kind: 'session',
  messageId: 'm',
  provider: 'echo',
} as AnswerPlan;
const OUTCOME: RunOutcome = {
  state: 'complete',
  errorCode: null,
  usage: { promptTokens: 1, completionTokens: 1 },
  answeredBy: null,
  wasAsked: false,
  reason: null,
};
const away = Object.assign(new Error('connect'), { name: 'DriverAdapterError', code: 'ECONNREFUSED' });

describe('AnswerEndings', () => {
  let metrics: MetricsService;
  let stored: number;
  let failures: Error[];
  let titled: () => Promise<void>;

  beforeEach(() => {
    metrics = new MetricsService();
    metrics.answerStarted();
    stored = 0;
    failures = [];
    titled = () => Promise.resolve();
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  });

  function end(): Promise<void> {
    const records = {
      store: () => {
        const failure = failures.shift();
        if (failure) return Promise.reject(failure);
        stored++;
        return Promise.resolve(true);
      },
    };
    const endings = new AnswerEndings(
      records as unknown as AnswerRecords,
      {} as CustomerDesk,
      { titleIfUntitled: () => titled() } as unknown as TitlesService,
      {} as UnitOfWork,
      new AnswerMetrics(metrics),
    );
    const run = new AnswerRun(
      PLAN,
      () => undefined,
      () => 0,
    );
    return endings.end(run, OUTCOME, () => undefined);
  }

  const running = async () =>
    (await metrics.registry.getSingleMetric('parley_answers_running')!.get()).values[0]!.value;

  it('tries again while the database is away, and counts the end once', async () => {
    failures = [away];
    await end();
    expect([stored, await running()]).toEqual([1, 0]);
  });

  it('does not count an answer as under way whose end cannot be stored', async () => {
    failures = [new Error('a mistake of ours')];
    await expect(end()).rejects.toThrow('a mistake of ours');
    expect([stored, await running()]).toEqual([0, 0]);
  });

  it('has ended an answer once it is stored, whatever becomes of the title', async () => {
    titled = () => Promise.reject(away);
    await end();
    expect([stored, await running()]).toEqual([1, 0]);
  });
});
