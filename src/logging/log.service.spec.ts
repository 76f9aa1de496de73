import { Logger } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { AppConfig } from '../config/app-config.js';
import { LogService } from './log.service.js';
import { requestContext } from './request-context.js';

function logAt(LOG_LEVEL: string) {
  const lines: string[] = [];
  const config = AppConfig.from({ LOG_LEVEL, OPENAI_API_KEY: 'canary-of-the-provider' });
  const log = new LogService(config, { write: (line) => void lines.push(line) });
  return { log, records: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>), lines };
}

describe('LogService', () => {
  it('writes one JSON record a line, whatever the text holds', () => {
    const { log, records, lines } = logAt('info');
    const hostile = 'one\n{"level":"fatal","msg":"forged"}\r\n\u001b[31mred';
    log.log(hostile, 'Context');
    expect(lines).toHaveLength(1);
    expect(lines[0]?.trimEnd()).not.toMatch(/\p{Cc}/u);
    expect(records()[0]).toMatchObject({ level: 'info', context: 'Context', msg: hostile });
  });

  it('keeps what is below the level back', () => {
    const { log, records } = logAt('warn');
    log.log('no');
    log.debug('no');
    log.warn('yes');
    expect(records().map(({ msg }) => msg)).toEqual(['yes']);
  });

  it.each<[string, unknown[], Record<string, unknown>]>([
    ['text and context', ['text', 'Here'], { msg: 'text', context: 'Here' }],
    ['fields with a text', [{ msg: 'text', n: 1 }, 'Here'], { msg: 'text', n: 1, context: 'Here' }],
    ['text and fields', ['text', { n: 1 }, 'Here'], { msg: 'text', n: 1, context: 'Here' }],
    [
      'text, stack and context',
      ['text', 'Error: text\n    at x', 'Here'],
      { msg: 'text', stack: 'Error: text\n    at x', context: 'Here' },
    ],
  ])('understands Nest calling with %s', (_what, args, expected) => {
    const { log, records } = logAt('info');
    log.error(...(args as [unknown, ...unknown[]]));
    expect(records()[0]).toMatchObject({ level: 'error', ...expected });
  });

  it('serializes errors with their causes', () => {
    const { log, records } = logAt('info');
    log.error({ msg: 'failed', err: new Error('outer', { cause: new Error('inner') }) });
    expect(records()[0]).toMatchObject({ err: { message: 'outer', cause: { message: 'inner' } } });
  });

  it('knows the secrets of its own configuration', () => {
    const { log, lines } = logAt('info');
    log.warn('the provider said: bad key canary-of-the-provider');
    expect(lines.join()).not.toContain('canary');
  });

  it('puts the request id on every line of a request', () => {
    const { log, records } = logAt('info');
    requestContext.run({ requestId: 'r-1' }, () => {
      log.log('inside', { n: 1 });
      log.log('still inside');
    });
    log.log('outside');
    expect(records().map(({ requestId, n }) => [requestId, n])).toEqual([
      ['r-1', 1],
      ['r-1', undefined],
      [undefined, undefined],
    ]);
  });

  it("is where Nest's own Logger writes to", () => {
    const { log, records } = logAt('info');
    Logger.overrideLogger(log);
    new Logger('SomeService').warn('from a service');
    Logger.overrideLogger(false);
    expect(records()[0]).toMatchObject({ context: 'SomeService', msg: 'from a service', level: 'warn' });
  });
});
