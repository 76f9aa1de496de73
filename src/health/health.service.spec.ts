import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AppConfig } from '../config/app-config.js';
import { HealthService, type CheckDetail } from './health.service.js';
import { ReadinessState } from './readiness-state.js';

describe('HealthService', () => {
  let readiness: ReadinessState;
  let health: HealthService;

  beforeEach(() => {
    Logger.overrideLogger(false);
    jest.useFakeTimers();
    readiness = new ReadinessState();
    health = new HealthService(AppConfig.from({ NODE_ENV: 'test' }), readiness);
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const fine = (): Promise<CheckDetail> => Promise.resolve({ latencyMs: 1 });
  const broken = (): Promise<CheckDetail> => Promise.reject(new Error('canary: host db.internal refused'));

  it('is ok when everything is', async () => {
    health.register('database', { critical: true, check: fine });
    expect(await health.report()).toMatchObject({
      status: 'ok',
      environment: 'test',
      checks: { database: { status: 'ok', latencyMs: 1 } },
    });
    expect(await health.reasonsNotReady()).toEqual([]);
  });

  it('can still serve, degraded, without what is not critical', async () => {
    health.register('database', { critical: true, check: fine });
    health.register('redis', { critical: false, check: broken });
    expect(await health.report()).toMatchObject({ status: 'degraded', checks: { redis: { status: 'error' } } });
    expect(await health.reasonsNotReady()).toEqual([]);
  });

  it('cannot serve without what is critical, and tells nobody why in detail', async () => {
    health.register('database', { critical: true, check: broken });
    const report = await health.report();
    expect(report.status).toBe('error');
    expect(JSON.stringify(report)).not.toContain('canary');
    expect(await health.reasonsNotReady()).toEqual(['database']);
  });

  it('takes a check that says so itself as degraded', async () => {
    health.register('assistant', { critical: true, check: () => Promise.resolve({ status: 'degraded' as const }) });
    expect((await health.report()).status).toBe('degraded');
    expect(await health.reasonsNotReady()).toEqual([]);
  });

  it('waits 2 s for a check and no longer', async () => {
    health.register('database', { critical: true, check: () => new Promise(() => undefined) });
    const report = health.report();
    await jest.advanceTimersByTimeAsync(2_000);
    expect((await report).checks['database']).toEqual({ status: 'error' });
  });

  it('runs a check once for all who ask within a second', async () => {
    const check = jest.fn(fine);
    health.register('database', { critical: true, check });
    await Promise.all([health.report(), health.report(), health.reasonsNotReady()]);
    await jest.advanceTimersByTimeAsync(900);
    await health.report();
    expect(check).toHaveBeenCalledTimes(1);
    await jest.advanceTimersByTimeAsync(200);
    await health.report();
    expect(check).toHaveBeenCalledTimes(2);
  });

  it('is not ready from the moment it drains, whatever the checks say', async () => {
    health.register('database', { critical: true, check: fine });
    await health.report();
    readiness.drain();
    expect((await health.report()).status).toBe('error');
    expect(await health.reasonsNotReady()).toEqual(['draining']);
  });

  it('lets a check use what it holds', async () => {
    class Remembering {
      readonly critical = true;
      private readonly latencyMs = 7;
      check(): Promise<CheckDetail> {
        return Promise.resolve({ latencyMs: this.latencyMs });
      }
    }
    health.register('database', new Remembering());
    expect((await health.report()).checks['database']).toEqual({ status: 'ok', latencyMs: 7 });
  });

  it('takes each name once', () => {
    health.register('database', { critical: true, check: fine });
    expect(() => health.register('database', { critical: true, check: fine })).toThrow('database');
  });
});
