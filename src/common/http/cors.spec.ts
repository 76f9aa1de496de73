import { describe, expect, it } from '@jest/globals';
import { isOriginAllowed, type OriginRules } from './cors.js';

const rules = (NODE_ENV: string, ...origins: string[]): OriginRules => ({
  allowedOrigins: new Set(origins),
  env: { NODE_ENV },
});
const LISTED = rules('production', 'https://good.example');

describe('isOriginAllowed', () => {
  it.each<[string, string | undefined, string | undefined, OriginRules, boolean]>([
    ['no browser', undefined, 'api.example', LISTED, true],
    ['a listed origin', 'https://good.example', 'api.example', LISTED, true],
    ['its own page', 'https://api.example', 'api.example', LISTED, true],
    ['its own page on a port, in capitals', 'http://api.example:3001', 'API.example:3001', LISTED, true],
    ['another port of its own host', 'http://api.example:3002', 'api.example:3001', LISTED, false],
    ['an opaque origin', 'null', 'api.example', LISTED, false],
    ['an opaque origin and no host', 'null', undefined, LISTED, false],
    ['a longer name', 'https://good.example.evil.com', 'api.example', LISTED, false],
    ['a name that ends the same', 'https://evilgood.example', 'api.example', LISTED, false],
    ['another scheme', 'http://good.example', 'api.example', LISTED, false],
    ['a path behind the origin', 'https://api.example/x', 'api.example', LISTED, false],
    ['a name and a password', 'https://good.example@evil.com', 'evil.com', LISTED, false],
    ['a local page in production', 'http://localhost:5173', 'api.example', rules('production'), false],
    ['a local page in development', 'http://localhost:5173', 'localhost:3001', rules('development'), true],
    ['a local address in development', 'http://127.0.0.1:5173', 'localhost:3001', rules('development'), true],
    ['a local look-alike', 'http://localhost.evil.com', 'localhost:3001', rules('development'), false],
    [
      'a local page where others are listed',
      'http://localhost:5173',
      'x',
      rules('development', 'https://a.example'),
      false,
    ],
    ['a foreign page in development', 'https://evil.example', 'localhost:3001', rules('development'), false],
  ])('judges %s', (_what, origin, host, given, allowed) => {
    expect(isOriginAllowed(origin, host, given)).toBe(allowed);
  });
});
