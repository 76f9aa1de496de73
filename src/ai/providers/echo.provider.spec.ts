import { describe, expect, it } from '@jest/globals';
import { EchoProvider, echoOf } from './echo.provider.js';

async function ask(content: string, signal = new AbortController().signal, onDelta: (text: string) => void = () => {}) {
  const deltas: string[] = [];
  const startedAt = performance.now();
  const result = await new EchoProvider().answer(
    {
      model: 'echo',
      turns: [
        { role: 'system', content: 'x' },
        { role: 'user', content },
      ],
      maxOutputTokens: 100,
    },
    { signal, onDelta: (text) => (deltas.push(text), onDelta(text)) },
  );
  return { deltas, result, tookMs: performance.now() - startedAt };
}

describe('EchoProvider', () => {
  it('repeats the question word by word and says that no model is configured', async () => {
    const { deltas, result } = await ask('How  are\nyou?');
    expect(deltas.join('')).toBe(echoOf('How  are\nyou?'));
    expect(deltas.join('')).toMatch(/^You said: How {2}are\nyou\?\n\nNo model is configured.*OPENAI_API_KEY/);
    expect(deltas.length).toBeGreaterThan(20);
    expect(result).toEqual({ finishReason: 'stop', usage: null, toolCalls: [] });
  });

  it('answers longer to longer questions, in a few seconds', async () => {
    expect(echoOf('word '.repeat(2000)).length).toBeGreaterThan(9000);
    const { deltas, tookMs } = await ask('word '.repeat(60));
    expect(deltas.length).toBeGreaterThan(60);
    expect(tookMs).toBeLessThan(4000);
  });

  it('stops at once when it is told to', async () => {
    const stop = new AbortController();
    let count = 0;
    const asked = ask('one two three', stop.signal, () => ++count === 2 && stop.abort('enough'));
    await expect(asked).rejects.toBe('enough');
    expect(count).toBe(2);
  });
});
