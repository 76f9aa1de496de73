import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../common/errors/app-error.js';
import type { ModelResult } from './ai-provider.js';
import { ChatCompletionReader } from './chat-completion-reader.js';
import { MAX_LINE_LENGTH } from './line-splitter.js';
import { SseReader } from './sse-reader.js';

interface Outcome {
  text: string;
  finish?: ModelResult['finishReason'];
  usage?: ModelResult['usage'];
  tools?: ModelResult['toolCalls'];
  error?: string;
}

/** Reads `stream` in pieces of `size` bytes, as a provider does. */
function read(stream: string | Uint8Array, size: number): Outcome {
  const bytes = Buffer.from(stream as string);
  let text = '';
  const reader = new ChatCompletionReader('openai', { onDelta: (delta) => (text += delta) });
  const events = new SseReader((event) => reader.readEvent(event));
  try {
    for (let at = 0; at < bytes.length && !reader.isDone; at += size) events.push(bytes.subarray(at, at + size));
    events.end();
    const { finishReason: finish, usage, toolCalls } = reader.result();
    return { text, finish, ...(usage ? { usage } : {}), ...(toolCalls.length > 0 ? { tools: toolCalls } : {}) };
  } catch (error) {
    return { text, error: error instanceof AppError ? error.code : String(error) };
  }
}

const delta = (content: unknown, more = {}) => JSON.stringify({ choices: [{ index: 0, delta: { content }, ...more }] });
const data = (json: string) => `data: ${json}\n\n`;
const piece = (content: unknown) => data(delta(content));
const STOP = data('{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}');
const DONE = 'data: [DONE]\n\n';
const END = STOP + DONE;
const finished = (reason: string) => data(`{"choices":[{"index":0,"delta":{},"finish_reason":"${reason}"}]}`);
const call = (fields: object) => data(JSON.stringify({ choices: [{ index: 0, delta: { tool_calls: [fields] } }] }));

const CASES: [what: string, stream: string | Uint8Array, outcome: Outcome][] = [
  ['an ordinary stream', piece('Hel') + piece('lo') + END, { text: 'Hello', finish: 'stop' }],
  ['CRLF line ends', (piece('Hel') + piece('lo') + END).replaceAll('\n', '\r\n'), { text: 'Hello', finish: 'stop' }],
  ['CR line ends', (piece('Hel') + piece('lo') + END).replaceAll('\n', '\r'), { text: 'Hello', finish: 'stop' }],
  ['mixed line ends', `data: ${delta('a')}\r\n\ndata: ${delta('b')}\r\r\n${END}`, { text: 'ab', finish: 'stop' }],
  ['comments and heartbeats', `: hi\n\n:\n${piece('a')}: PROCESSING\n\n${END}`, { text: 'a', finish: 'stop' }],
  ['a byte order mark', `\uFEFF${piece('a')}${END}`, { text: 'a', finish: 'stop' }],
  ['no space after the colon', `data:${delta('a')}\n\n${END}`, { text: 'a', finish: 'stop' }],
  [
    'data over several lines',
    'data: {"choices":[{"delta":\ndata: {"content":"a"}}]}\n\n' + END,
    { text: 'a', finish: 'stop' },
  ],
  [
    'data over several lines that end with CRLF',
    'data: {"choices":[{"delta":\r\ndata: {"content":"a"}}]}\r\n\r\n' + END,
    { text: 'a', finish: 'stop' },
  ],
  [
    'no blank lines between events',
    `data: ${delta('a')}\ndata: ${delta('b')}\ndata: [DONE]\n`,
    { text: 'ab', finish: 'stop' },
  ],
  ['other fields', `id: 7\nevent: message\nretry: 100\nfoo: bar\n${piece('a')}${END}`, { text: 'a', finish: 'stop' }],
  ['events without data', `event: ping\n\ndata\n\ndata:\n\n${piece('a')}${END}`, { text: 'a', finish: 'stop' }],
  ['no final blank line', piece('a') + STOP + 'data: [DONE]', { text: 'a', finish: 'stop' }],
  ['the finish as last line, unended', piece('a') + STOP.trimEnd(), { text: 'a', finish: 'stop' }],
  ['a finish without [DONE]', piece('a') + STOP, { text: 'a', finish: 'stop' }],
  ['[DONE] without a finish', piece('a') + DONE, { text: 'a', finish: 'stop' }],
  ['text after [DONE]', piece('a') + DONE + piece('b'), { text: 'a', finish: 'stop' }],
  ['multi-byte text', piece('Привет, 世界 👩‍👩‍👧‍👦') + END, { text: 'Привет, 世界 👩‍👩‍👧‍👦', finish: 'stop' }],
  ['an emoji in escapes over two deltas', piece('\ud83d') + piece('\ude00') + END, { text: '😀', finish: 'stop' }],
  ['an end after k deltas', piece('a') + piece('b'), { text: 'ab', error: 'AI_INTERRUPTED' }],
  [
    'an end after the role',
    data('{"choices":[{"delta":{"role":"assistant"}}]}'),
    { text: '', error: 'AI_INTERRUPTED' },
  ],
  ['nothing at all', '', { text: '', error: 'AI_INTERRUPTED' }],
  ['an end within a JSON line', piece('a') + 'data: {"choices":[{"del', { text: 'a', error: 'AI_INTERRUPTED' }],
  ['an end within [DONE]', piece('a') + 'data: [DO', { text: 'a', error: 'AI_INTERRUPTED' }],
  [
    'an end within a character',
    Buffer.from(piece('a') + 'data: {"x":"я').subarray(0, -1),
    { text: 'a', error: 'AI_INTERRUPTED' },
  ],
  ['only [DONE]', DONE, { text: '', error: 'AI_BAD_RESPONSE' }],
  ['bad JSON', piece('a') + data('{oops}') + piece('b') + END, { text: 'a', error: 'AI_BAD_RESPONSE' }],
  ['JSON that is no object', piece('a') + data('42') + END, { text: 'a', error: 'AI_BAD_RESPONSE' }],
  [
    'an error before text',
    data('{"error":{"message":"x","type":"server_error"}}'),
    { text: '', error: 'AI_UNAVAILABLE' },
  ],
  ['an error after text', piece('a') + data('{"error":{"message":"x"}}'), { text: 'a', error: 'AI_INTERRUPTED' }],
  ['an error as text', piece('a') + data('{"error":"model crashed"}'), { text: 'a', error: 'AI_INTERRUPTED' }],
  ['an error event', 'event: error\ndata: {"message":"x"}\n\n', { text: '', error: 'AI_UNAVAILABLE' }],
  ['an error with a number', data('{"error":{"code":429,"message":"x"}}'), { text: '', error: 'AI_OVERLOADED' }],
  [
    'a rate limit after text',
    piece('a') + data('{"error":{"code":"rate_limit_exceeded"}}'),
    { text: 'a', error: 'AI_OVERLOADED' },
  ],
  ['a used-up account', data('{"error":{"type":"insufficient_quota"}}'), { text: '', error: 'AI_QUOTA_EXHAUSTED' }],
  ['finish_reason error', piece('a') + finished('error'), { text: 'a', error: 'AI_INTERRUPTED' }],
  ['finish_reason length', piece('a') + finished('length') + DONE, { text: 'a', finish: 'length' }],
  ['a filter after text', piece('a') + finished('content_filter') + DONE, { text: 'a', finish: 'content_filter' }],
  ['a filter before text', finished('content_filter') + DONE, { text: '', error: 'AI_CONTENT_FILTERED' }],
  ['an unknown finish_reason', piece('a') + finished('eos') + DONE, { text: 'a', finish: 'stop' }],
  [
    'a refusal',
    data('{"choices":[{"delta":{"refusal":"I will not."}}]}') + END,
    { text: 'I will not.', finish: 'stop' },
  ],
  [
    'usage with empty choices',
    piece('a') + STOP + data('{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1}}') + DONE,
    { text: 'a', finish: 'stop', usage: { promptTokens: 3, completionTokens: 1 } },
  ],
  [
    'usage: null in every chunk',
    data('{"choices":[{"delta":{"content":"a"}}],"usage":null}') + END,
    { text: 'a', finish: 'stop' },
  ],
  [
    'usage that is no count',
    piece('a') + data('{"choices":[],"usage":{"prompt_tokens":-1,"completion_tokens":"x"}}') + END,
    { text: 'a', finish: 'stop' },
  ],
  ['null and empty content', piece(null) + piece('') + piece('a') + END, { text: 'a', finish: 'stop' }],
  [
    'content in parts',
    piece([
      { type: 'text', text: 'a' },
      { type: 'thinking', text: 'hm' },
    ]) + END,
    { text: 'a', finish: 'stop' },
  ],
  [
    'reasoning beside the text',
    data('{"choices":[{"delta":{"reasoning_content":"hm"}}]}') + piece('a') + END,
    { text: 'a', finish: 'stop' },
  ],
  [
    'a second choice',
    data('{"choices":[{"index":1,"delta":{"content":"B"}}]}') + piece('a') + END,
    { text: 'a', finish: 'stop' },
  ],
  [
    'chunks without choices',
    data('{"id":"x"}') + data('{"choices":null}') + piece('a') + END,
    { text: 'a', finish: 'stop' },
  ],
  [
    'the whole message at the end',
    piece('a') + data('{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}]}') + DONE,
    { text: 'a', finish: 'stop' },
  ],
  [
    'the whole message in one event',
    data('{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}]}') + DONE,
    { text: 'a', finish: 'stop' },
  ],
  [
    'hostile keys',
    data('{"__proto__":{"choices":1},"choices":[{"delta":{"content":"a","__proto__":{"x":1}}}]}') + END,
    { text: 'a', finish: 'stop' },
  ],
  [
    'tool calls in pieces',
    call({ index: 0, id: 'x', function: { name: 'find', arguments: '' } }) +
      call({ index: 0, function: { arguments: '{"q":' } }) +
      call({ index: 0, function: { arguments: '1}' } }) +
      call({ index: 1, function: { name: 'stop', arguments: '{}' } }) +
      finished('tool_calls') +
      DONE,
    {
      text: '',
      finish: 'tool_calls',
      tools: [
        { name: 'find', argumentsJson: '{"q":1}' },
        { name: 'stop', argumentsJson: '{}' },
      ],
    },
  ],
  [
    'tool calls that finish with stop',
    call({ index: 0, function: { name: 'f', arguments: {} } }) + END,
    { text: '', finish: 'tool_calls', tools: [{ name: 'f', argumentsJson: '{}' }] },
  ],
  [
    'broken tool calls',
    call({ index: -1 }) + call({ index: 'a', function: 3 }) + piece('a') + END,
    { text: 'a', finish: 'stop' },
  ],
  [
    'endless tool arguments',
    call({ index: 0, function: { name: 'f', arguments: 'x'.repeat(65_537) } }) + END,
    { text: '', error: 'AI_BAD_RESPONSE' },
  ],
];

describe('ChatCompletionReader', () => {
  it.each(CASES)('reads %s', (_what, stream, outcome) => {
    expect(read(stream, 1_000_000)).toEqual(outcome);
  });

  it.each(CASES)('reads %s the same when every byte comes alone', (_what, stream, outcome) => {
    expect(read(stream, 1)).toEqual(outcome);
    expect(read(stream, 7)).toEqual(outcome);
  });

  it('reads a line of nearly 1 MB and refuses a longer one', () => {
    const long = 'x'.repeat(MAX_LINE_LENGTH - 100);
    expect(read(piece(long) + END, 65_536)).toEqual({ text: long, finish: 'stop' });
    expect(read(piece('a') + piece('x'.repeat(MAX_LINE_LENGTH)) + END, 65_536)).toEqual({
      text: 'a',
      error: 'AI_BAD_RESPONSE',
    });
    expect(read(piece('a') + 'data: x\n'.repeat(200_000) + END, 65_536)).toMatchObject({ text: 'a' });
    expect(read(`data: ${'x'.repeat(1000)}\n`.repeat(1100), 65_536)).toEqual({ text: '', error: 'AI_BAD_RESPONSE' });
  });

  it('takes linear time for a long line that comes byte by byte', () => {
    const started = performance.now();
    expect(read(piece('x'.repeat(300_000)) + END, 1)).toMatchObject({ finish: 'stop' });
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  it('reads one completion instead of a stream', () => {
    const readBody = (body: string): Outcome => {
      let text = '';
      const reader = new ChatCompletionReader('openai', { onDelta: (it) => (text += it) });
      try {
        reader.readCompletion(body);
        const { finishReason: finish, usage } = reader.result();
        return { text, finish, ...(usage ? { usage } : {}) };
      } catch (error) {
        return { text, error: error instanceof AppError ? error.code : String(error) };
      }
    };
    expect(
      readBody(
        '{"choices":[{"message":{"content":"hi"},"finish_reason":"length"}],"usage":{"prompt_tokens":2,"completion_tokens":1}}',
      ),
    ).toEqual({ text: 'hi', finish: 'length', usage: { promptTokens: 2, completionTokens: 1 } });
    expect(readBody('{"detail":"Not here"}')).toEqual({ text: '', error: 'AI_BAD_RESPONSE' });
    expect(readBody('{"choices":[]}')).toEqual({ text: '', error: 'AI_BAD_RESPONSE' });
    expect(readBody('{"choices":[{"mess')).toEqual({ text: '', error: 'AI_BAD_RESPONSE' });
    expect(readBody('{"error":{"code":"invalid_api_key"}}')).toEqual({ text: '', error: 'AI_MISCONFIGURED' });
  });
});
