import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CLIENT_EVENTS } from '../../src/gateway/contract/client-events.js';
import { SERVER_EVENTS } from '../../src/gateway/contract/server-events.js';
import { TestApp } from '../support/app.js';
import { httpCall } from '../support/http-call.js';
import { LiveChecker, type LiveDocument } from '../support/live-checker.js';

const FILE = new URL('../../docs/asyncapi.json', import.meta.url);
const PAGE = readFileSync(new URL('../../docs/WEBSOCKET_API.md', import.meta.url), 'utf8');

interface ParserModule {
  Parser: new () => {
    parse(text: string): Promise<{ diagnostics: { severity: number; message: string; path: (string | number)[] }[] }>;
  };
}

describe('the description of live doors', () => {
  const checker = new LiveChecker();
  const { operations, components } = checker.document;
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.close());

  it('is valid AsyncAPI', async () => {
    const { Parser } = createRequire(import.meta.url)('@asyncapi/parser') as ParserModule;
    const { diagnostics } = await new Parser().parse(readFileSync(FILE, 'utf8'));
    // From 2 on they are advice, such as to use a newer version of the format.
    const wrong = diagnostics.filter(({ severity }) => severity < 2);
    expect(wrong.map(({ path, message }) => `${path.join('.')}: ${message}`)).toEqual([]);
  });

  it('is served, with the messages and operations of the file', async () => {
    const { status, text } = await httpCall(Number(new URL(app.url).port), 'GET', '/asyncapi.json');
    expect(status).toBe(200);
    const served = JSON.parse(text) as LiveDocument & { asyncapi: string };
    expect(served.asyncapi).toBe('3.0.0');
    expect(Object.keys(served.operations)).toEqual(Object.keys(operations));
    expect(Object.keys(served.components.messages)).toEqual(Object.keys(components.messages));
  });

  it('shows an example of every message that is what it is an example of', () => {
    for (const [key, { examples }] of Object.entries(components.messages)) {
      expect([key, examples.length]).not.toEqual([key, 0]);
      for (const { payload } of examples) expect(checker.problemOf(key, payload)).toBeNull();
    }
  });

  it('says no more than its schemas: an example with one field too many is wrong', () => {
    for (const [key, { examples }] of Object.entries(components.messages))
      expect(checker.problemOf(key, { ...(examples[0]?.payload as object), surplus: 1 })).toContain('additional');
  });

  it('names every command and every event of the code, and so does the page', () => {
    const isOnPage = (name: string) => [name, PAGE.includes(`\`${name}\``)];
    for (const name of CLIENT_EVENTS) {
      expect(operations).toHaveProperty([`command.${name.replaceAll(':', '.')}`]);
      expect(isOnPage(name)).toEqual([name, true]);
    }
    for (const name of Object.keys(SERVER_EVENTS)) {
      expect(components.messages).toHaveProperty([`event.${name.replaceAll(':', '.')}`]);
      expect(isOnPage(name)).toEqual([name, true]);
    }
  });
});
