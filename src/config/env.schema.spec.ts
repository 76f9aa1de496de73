import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { renderConfigurationPage, renderEnvExample } from './env-docs.js';
import { ConfigError, ENV_KEYS, parseEnv } from './env.schema.js';

const SECRET = 'k7Vw2pQx9LmZ4tRb8NcYs5DfGh3JvAeU';

function problemsOf(source: Record<string, string>): readonly string[] {
  try {
    parseEnv(source);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  it('needs nothing at all in development', () => {
    expect(parseEnv({})).toMatchObject({
      NODE_ENV: 'development',
      PORT: 3001,
      ENABLE_METRICS: true,
      ALLOWED_ORIGINS: [],
    });
  });

  it('takes an empty or blank value for an absent one', () => {
    expect(parseEnv({ PORT: '', OPENAI_BASE_URL: '  ' })).toMatchObject({ PORT: 3001, OPENAI_BASE_URL: undefined });
  });

  it('lists every problem at once, one line each, each beginning with its key', () => {
    const bad = {
      NODE_ENV: 'staging',
      PORT: '70000',
      FRONTEND_URL: 'ftp://x',
      ALLOWED_ORIGINS: 'https://ok.example,*',
      DATABASE_URL: 'mysql://db',
      REDIS_URL: 'http://redis',
      ADMIN_EMAIL: 'nobody',
      ADMIN_PASSWORD: 'short',
      OPENAI_BASE_URL: 'not a url',
      AI_PROVIDER: 'magic',
      MAX_HISTORY_LENGTH: '1.5',
      RATE_LIMIT_MS: '-1',
      TELEGRAM_BOT_TOKEN: 'nope',
      LOG_LEVEL: 'loud',
      ENABLE_METRICS: 'maybe',
      METRICS_PORT: '0',
    };
    const problems = problemsOf(bad);
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual(expect.arrayContaining(Object.keys(bad)));
    expect(problems).toHaveLength(Object.keys(bad).length);
    for (const problem of problems) expect(problem).toMatch(/^[A-Z_]+ (must|Invalid|Too|is)/);
    expect(problems.join()).not.toContain('\n');
  });

  it.each<[string, Record<string, string>, string]>([
    ['production without a secret', { NODE_ENV: 'production' }, 'JWT_SECRET is required in production'],
    [
      'a secret that is too short',
      { NODE_ENV: 'production', JWT_SECRET: 'x'.repeat(31) },
      'JWT_SECRET must be at least 32 bytes',
    ],
    [
      'a secret from an example',
      { NODE_ENV: 'production', JWT_SECRET: `change-me-${SECRET}` },
      'JWT_SECRET is an example value',
    ],
    ['half an admin', { ADMIN_EMAIL: 'a@b.example' }, 'ADMIN_PASSWORD is required with ADMIN_EMAIL'],
    ['half a Google client', { GOOGLE_CLIENT_SECRET: 's' }, 'GOOGLE_CLIENT_ID is required with GOOGLE_CLIENT_SECRET'],
    [
      'a userinfo address of another shape',
      { GOOGLE_USERINFO_URL: 'https://x.example/me' },
      'GOOGLE_USERINFO_URL must end in /userinfo',
    ],
    ['a database host without a user', { DB_HOST: 'db' }, 'DB_USER is required with DB_HOST'],
    ['a provider without its address', { AI_PROVIDER: 'llm-service' }, 'LLM_SERVICE_URL is not set'],
    [
      'a webhook without its secret',
      { TELEGRAM_WEBHOOK_URL: 'https://x.example/t', TELEGRAM_BOT_TOKEN: '1:a' },
      'TELEGRAM_WEBHOOK_SECRET is required',
    ],
    ['one port for two servers', { METRICS_PORT: '3001' }, 'METRICS_PORT must differ from PORT'],
  ])('refuses %s', (_what, source, expected) => {
    expect(problemsOf(source)).toEqual([expect.stringContaining(expected)]);
  });

  it('takes a good secret in production', () => {
    expect(problemsOf({ NODE_ENV: 'production', JWT_SECRET: SECRET })).toEqual([]);
  });

  it('never repeats a value, which may be a secret', () => {
    const problems = problemsOf({ TELEGRAM_BOT_TOKEN: 'canary', ADMIN_PASSWORD: 'canary', DATABASE_URL: 'canary' });
    expect(problems).toHaveLength(3);
    expect(problems.join()).not.toContain('canary');
  });
});

describe('the documentation of the configuration', () => {
  const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

  it('is what the schema says; else run npm run docs:config', () => {
    expect(read('.env.example')).toBe(renderEnvExample());
    expect(read('docs/configuration.md')).toBe(renderConfigurationPage());
  });

  it('has every key once, with a default that the server takes', () => {
    const documented = [...renderEnvExample().matchAll(/^#([A-Z_]+)=(.*)$/gm)].map(
      ([, name, value]) => [name, value] as const,
    );
    expect(documented.map(([name]) => name)).toEqual(Object.keys(ENV_KEYS));
    expect(parseEnv(Object.fromEntries(documented) as Record<string, string>)).toEqual(parseEnv({}));
  });
});
