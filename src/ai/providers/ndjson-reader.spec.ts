import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../common/errors/app-error.js';
import type { ModelResult } from './ai-provider.js';
import { NdjsonReader } from './ndjson-reader.js';

interface Outcome {
  text: string;
  finish?: ModelResult['finishReason'];
  usage?: ModelResult['usage'];
  error?: string;
}

function read(stream: string, size: number): Outcome {
  const bytes = Buffer.from(stream);
  let text = '';
  const reader = new NdjsonReader('llm-service', { onDelta: (delta) => (text += delta) });
  try {
    for (let at = 0; at < bytes.length && !reader.isDone; at += size) reader.push(bytes.subarray(at, at + size));
    const { finishReason: finish, usage } = reader.result();
    return { text, finish, ...(usage ? { usage } : {}) };
  } catch (error) {
    return { text, error: error instanceof AppError ? error.code : String(error) };
  }
}

const lines = (...objects: unknown[]) => objects.map((it) => `${JSON.stringify(it)}\n`).join('');
const DONE = { done: true };
const whole = { text: 'ab', finish: 'stop' } as const;

const CASES: [what: string, stream: string, outcome: Outcome][] = [
  ['delta', lines({ delta: 'a' }, { delta: 'b' }, DONE), whole],
  [
    'content and type token',
    lines({ content: 'a', type: 'token' }, { content: 'b', type: 'token' }, { type: 'complete' }),
    whole,
  ],
  ['token', lines({ token: 'a' }, { token: 'b' }, DONE), whole],
  ['text', lines({ text: 'a' }, { text: 'b' }, DONE), whole],
  [
    'response',
    lines({ response: 'a', done: false }, { response: 'b', done: false }, { response: '', done: true }),
    whole,
  ],
  [
    'a message',
    lines({ message: { content: 'a' }, done: false }, { message: { content: 'b' }, done: false }, DONE),
    whole,
  ],
  ['a delta object', lines({ delta: { content: 'a' } }, { delta: { content: 'b' } }, DONE), whole],
  ['bare strings', lines('a', 'b', DONE), whole],
  ['a last piece in the end', lines({ response: 'a', done: false }, { response: 'b', done: true }), whole],
  [
    'the whole text again at the end',
    lines({ content: 'a', type: 'token' }, { content: 'b', type: 'token' }, { content: 'ab', type: 'complete' }),
    whole,
  ],
  ['only the whole text', lines({ content: 'ab', type: 'complete' }), whole],
  ['CRLF', lines({ delta: 'a' }, { delta: 'b' }, DONE).replaceAll('\n', '\r\n'), whole],
  ['blank lines', `\n\n${lines({ delta: 'a' })}\n${lines({ delta: 'b' }, DONE)}`, whole],
  ['a byte order mark', `\uFEFF${lines({ delta: 'ab' }, DONE)}`, whole],
  ['an end without a line end', lines({ delta: 'ab' }) + '{"done":true}', whole],
  ['objects that say nothing', lines({ type: 'start', id: 1 }, { delta: 'ab' }, { done: false }, DONE), whole],
  ['text after the end', lines({ delta: 'ab' }, DONE, { delta: 'c' }), whole],
  ['Cyrillic and emoji', lines({ delta: 'Да 👍🏽' }, DONE), { text: 'Да 👍🏽', finish: 'stop' }],
  [
    'usage',
    lines({ delta: 'ab' }, { done: true, usage: { prompt_tokens: 4, completion_tokens: 2 } }),
    { ...whole, usage: { promptTokens: 4, completionTokens: 2 } },
  ],
  [
    'usage in the line',
    lines({ delta: 'ab' }, { done: true, prompt_eval_count: 4, eval_count: 2 }),
    { ...whole, usage: { promptTokens: 4, completionTokens: 2 } },
  ],
  [
    'a cut at the limit',
    lines({ delta: 'ab' }, { done: true, done_reason: 'length' }),
    { text: 'ab', finish: 'length' },
  ],
  ['no end', lines({ delta: 'a' }, { delta: 'b' }), { text: 'ab', error: 'AI_INTERRUPTED' }],
  ['nothing', '', { text: '', error: 'AI_INTERRUPTED' }],
  ['a cut line', `${lines({ delta: 'ab' })}{"delta":"c`, { text: 'ab', error: 'AI_INTERRUPTED' }],
  ['bad JSON', `${lines({ delta: 'ab' })}<html>\n`, { text: 'ab', error: 'AI_BAD_RESPONSE' }],
  ['an array', `${lines({ delta: 'ab' })}[1]\n`, { text: 'ab', error: 'AI_BAD_RESPONSE' }],
  ['an error', lines({ error: 'model crashed' }), { text: '', error: 'AI_UNAVAILABLE' }],
  ['an error of a type', lines({ type: 'error', message: 'x' }), { text: '', error: 'AI_UNAVAILABLE' }],
  ['an error after text', lines({ delta: 'ab' }, { error: { message: 'x' } }), { text: 'ab', error: 'AI_INTERRUPTED' }],
  ['error: null', lines({ delta: 'ab', error: null }, { done: true, error: false }), whole],
];

describe('NdjsonReader', () => {
  it.each(CASES)('reads %s', (_what, stream, outcome) => {
    expect(read(stream, 1_000_000)).toEqual(outcome);
    expect(read(stream, 1)).toEqual(outcome);
  });

  it('refuses a line that never ends', () => {
    expect(read(lines({ delta: 'ab' }) + 'x'.repeat(1_100_000), 65_536)).toEqual({
      text: 'ab',
      error: 'AI_BAD_RESPONSE',
    });
  });
});
