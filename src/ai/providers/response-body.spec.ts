import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../common/errors/app-error.js';
import { readBody, readErrorText } from './response-body.js';

/** A response that sends `pieces` and then stays open, or ends, or fails. */
function respond(pieces: string[], ending: 'stay' | 'end' | 'fail' = 'stay') {
  const seen = { cancelled: false };
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(Buffer.from(piece));
      if (ending === 'end') controller.close();
      if (ending === 'fail') controller.error(new TypeError('terminated'));
    },
    cancel() {
      seen.cancelled = true;
    },
  });
  return { response: new Response(body), seen };
}

const never = new AbortController().signal;

describe('readBody', () => {
  it('hands on every piece until the body ends', async () => {
    const { response } = respond(['a', 'b'], 'end');
    let text = '';
    await readBody('openai', response, never, (bytes) => ((text += Buffer.from(bytes).toString()), false));
    expect(text).toBe('ab');
  });

  it('closes the connection on abort and throws the reason', async () => {
    const stop = new AbortController();
    const { response, seen } = respond(['a']);
    const reading = readBody('openai', response, stop.signal, () => {
      setImmediate(() => stop.abort('enough'));
      return false;
    });
    await expect(reading).rejects.toBe('enough');
    expect(seen.cancelled).toBe(true);
  });

  it('calls a broken connection interrupted', async () => {
    const { response } = respond([], 'fail');
    await expect(readBody('openai', response, never, () => false)).rejects.toMatchObject({ code: 'AI_INTERRUPTED' });
  });

  it('closes the connection when a piece cannot be taken, and throws what its taker threw', async () => {
    const { response, seen } = respond(['a']);
    const fault = new Error('mine');
    const reading = readBody('openai', response, never, () => {
      throw fault;
    });
    await expect(reading).rejects.toBe(fault);
    expect(fault).not.toBeInstanceOf(AppError);
    expect(seen.cancelled).toBe(true);
  });

  it('returns as soon as all was said', async () => {
    const { response } = respond(['a', 'b']);
    let pieces = 0;
    await readBody('openai', response, never, () => ++pieces === 1);
    expect(pieces).toBe(1);
  });
});

describe('readErrorText', () => {
  it('reads no more than it needs to', async () => {
    const { response, seen } = respond(['x'.repeat(70_000), 'y']);
    expect(await readErrorText(response)).toBe('x'.repeat(70_000));
    expect(seen.cancelled).toBe(true);
  });

  it('is content with what came', async () => {
    expect(await readErrorText(respond([], 'fail').response)).toBe('');
    expect(await readErrorText(new Response(null))).toBe('');
  });
});
