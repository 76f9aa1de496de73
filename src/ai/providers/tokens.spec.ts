import { describe, expect, it } from '@jest/globals';
import type { ModelTurn } from './ai-provider.js';
import { countTokens, estimateUsage, fitHistory } from './tokens.js';

const MODEL = 'gpt-4o-mini';
const user = (content: string): ModelTurn => ({ role: 'user', content });
const assistant = (content: string): ModelTurn => ({ role: 'assistant', content });
const system = (content: string): ModelTurn => ({ role: 'system', content });
const words = (count: number) => 'word '.repeat(count).trim();

async function sizeOf(turns: readonly ModelTurn[]): Promise<number> {
  return (await estimateUsage(turns, '', MODEL)).promptTokens;
}

describe('countTokens', () => {
  it.each([
    ['', 0],
    ['Hello world', 2],
    ['Hello мир', 2],
    ['<|endoftext|>', 7],
    ['\ud800', 1],
  ])('counts %j', async (text, tokens) => {
    expect(await countTokens(text, MODEL)).toBe(tokens);
  });

  it('counts for the older models with their own encoding', async () => {
    expect(await countTokens('Привет, мир', 'gpt-4')).toBeGreaterThan(await countTokens('Привет, мир', 'gpt-4o'));
  });

  it('counts long text as the sum of its words, and quickly when it has none', async () => {
    expect(await countTokens(words(5000), MODEL)).toBe(5000);
    const started = performance.now();
    expect(await countTokens('a'.repeat(100_000), MODEL)).toBeGreaterThan(10_000);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('estimateUsage', () => {
  it('is never zero and grows with what was said', async () => {
    expect(await estimateUsage([user('Hi')], '', MODEL)).toEqual({ promptTokens: 8, completionTokens: 0 });
    expect(await estimateUsage([user('Hi'), assistant('Hello')], words(50), MODEL)).toEqual({
      promptTokens: 13,
      completionTokens: 50,
    });
  });
});

describe('fitHistory', () => {
  const big = { maxTurns: 100, maxTokens: 100_000 };

  it('keeps everything that fits', async () => {
    const turns = [system('s'), user('a'), assistant('b'), user('c')];
    expect(await fitHistory(turns, big, MODEL)).toEqual(turns);
    expect(await fitHistory([], big, MODEL)).toEqual([]);
    expect(await fitHistory([system('s')], big, MODEL)).toEqual([system('s')]);
  });

  it('keeps the newest turns, and every leading system turn besides', async () => {
    const turns = [system('s'), user('1'), assistant('2'), user('3'), assistant('4'), user('5')];
    expect(await fitHistory(turns, { ...big, maxTurns: 3 }, MODEL)).toEqual([
      system('s'),
      user('3'),
      assistant('4'),
      user('5'),
    ]);
    expect(await fitHistory(turns, { ...big, maxTurns: 1 }, MODEL)).toEqual([system('s'), user('5')]);
  });

  it('does not begin with an answer whose question was cut off', async () => {
    const turns = [user('1'), assistant('2'), user('3'), assistant('4'), user('5')];
    expect(await fitHistory(turns, { ...big, maxTurns: 2 }, MODEL)).toEqual([user('5')]);
    expect(await fitHistory([assistant('greeting'), user('1')], big, MODEL)).toEqual([
      assistant('greeting'),
      user('1'),
    ]);
  });

  it('stays within the budget of tokens without holes and without splitting', async () => {
    const turns = [user(words(100)), assistant('x'), user(words(300)), assistant(words(50)), user(words(40))];
    const fitted = await fitHistory(turns, { maxTurns: 20, maxTokens: 450 }, MODEL);
    expect(fitted).toEqual(turns.slice(2));
    expect(await sizeOf(fitted)).toBeLessThanOrEqual(450);
    // The large turn in the middle is skipped together with everything before it.
    expect(await fitHistory(turns, { maxTurns: 20, maxTokens: 300 }, MODEL)).toEqual(turns.slice(4));
  });

  it('charges the system turns first', async () => {
    const turns = [system(words(200)), user(words(100)), assistant(words(10)), user(words(10))];
    const fitted = await fitHistory(turns, { maxTurns: 20, maxTokens: 260 }, MODEL);
    expect(fitted).toEqual([turns[0], turns[3]]);
  });

  it('shortens the last user turn in its middle when it is too large alone', async () => {
    const turns = [user('old'), assistant('older'), user(`Summarise: ${words(3000)} THE END`)];
    const fitted = await fitHistory(turns, { maxTurns: 20, maxTokens: 500 }, MODEL);
    expect(fitted).toHaveLength(1);
    expect(fitted[0]!.content).toMatch(/^Summarise: word [^]*\[…\][^]*THE END$/);
    expect(await sizeOf(fitted)).toBeLessThanOrEqual(500);
    expect(await sizeOf(fitted)).toBeGreaterThan(350);
  });

  it('never cuts a character in two', async () => {
    const [turn] = await fitHistory([user('😀'.repeat(5000))], { maxTurns: 1, maxTokens: 333 }, MODEL);
    expect(turn!.content.isWellFormed()).toBe(true);
    expect(turn!.content).toMatch(/^😀+\n\[…\]\n😀+$/u);
  });

  it('keeps something of the question even when the system turns take all', async () => {
    const fitted = await fitHistory([system(words(500)), user(words(500))], { maxTurns: 5, maxTokens: 100 }, MODEL);
    expect(fitted[1]!.content.length).toBeGreaterThan(50);
  });

  it('keeps what follows the last user turn before what precedes it', async () => {
    const turns = [user('1'), assistant('2'), user('3'), assistant('4')];
    expect(await fitHistory(turns, { ...big, maxTurns: 2 }, MODEL)).toEqual([user('3'), assistant('4')]);
  });
});
