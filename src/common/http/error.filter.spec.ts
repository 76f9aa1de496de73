import { Logger, type ArgumentsHost } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AppError } from '../errors/app-error.js';
import { ErrorFilter } from './error.filter.js';

describe('ErrorFilter', () => {
  const headers = new Map<string, string>();
  const logged = jest.fn();
  let status: number;

  const response = {
    headersSent: false,
    hasHeader: (name: string) => headers.has(name),
    setHeader: (name: string, value: string) => headers.set(name, value),
    status: (code: number) => {
      status = code;
      return response;
    },
    json: () => response,
  };
  const host = {
    switchToHttp: () => ({ getRequest: () => ({ headers: {}, originalUrl: '/' }), getResponse: () => response }),
  } as unknown as ArgumentsHost;

  beforeEach(() => {
    headers.clear();
    Logger.overrideLogger({ log: logged, warn: logged, error: logged });
  });
  afterEach(() => {
    Logger.overrideLogger(false);
    logged.mockClear();
  });

  it.each<[string, AppError, string | undefined]>([
    ['a limit that knows when it ends', new AppError('RATE_LIMITED', { retryAfterSeconds: 2.1 }), '3'],
    ['a limit that does not', new AppError('RATE_LIMITED'), '1'],
    ['a wait of no time', new AppError('RATE_LIMITED', { retryAfterSeconds: 0 }), '1'],
    ['a server that is away', new AppError('DATABASE_UNAVAILABLE'), '1'],
    ['what waiting does not cure', new AppError('SESSION_NOT_FOUND'), undefined],
  ])('says when to come back after %s', (_what, error, wait) => {
    new ErrorFilter().catch(error, host);
    expect(headers.get('Retry-After')).toBe(wait);
    expect(status).toBe(error.spec.status);
  });

  it('leaves a Retry-After that is there already', () => {
    headers.set('Retry-After', '60');
    new ErrorFilter().catch(new AppError('RATE_LIMITED'), host);
    expect(headers.get('Retry-After')).toBe('60');
  });

  it('says how to sign in', () => {
    new ErrorFilter().catch(new AppError('UNAUTHORIZED'), host);
    expect(headers.get('WWW-Authenticate')).toBe('Bearer');
  });

  it('logs what nobody foresaw, once and whole, and not what clients do wrong', () => {
    new ErrorFilter().catch(new AppError('VALIDATION_FAILED'), host);
    expect(logged).not.toHaveBeenCalled();
    const surprise = new Error('surprise');
    new ErrorFilter().catch(surprise, host);
    expect(logged).toHaveBeenCalledTimes(1);
    expect(logged.mock.calls[0]?.[0]).toMatchObject({ err: surprise, code: 'INTERNAL', requestId: expect.any(String) });
  });
});
