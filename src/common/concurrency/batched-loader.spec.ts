import { describe, expect, it } from '@jest/globals';
import { BatchedLoader } from './batched-loader.js';

describe('BatchedLoader', () => {
  it('asks at once for the first, and together for those who come meanwhile', async () => {
    const asked: (readonly number[])[] = [];
    const gate = Promise.withResolvers<void>();
    const loader = new BatchedLoader(async (keys: readonly number[]) => {
      asked.push(keys);
      await gate.promise;
      return (key: number) => key * 2;
    });
    const first = loader.get(1);
    const others = [2, 3, 3].map((key) => loader.get(key));
    expect(asked).toEqual([[1]]);
    gate.resolve();
    expect(await Promise.all([first, ...others])).toEqual([2, 4, 6, 6]);
    expect(asked).toEqual([[1], [2, 3, 3]]);
  });

  it('tells everybody of a batch that it failed, and goes on with the next', async () => {
    let isAway = true;
    const loader = new BatchedLoader(async (_keys: readonly string[]) => {
      if (isAway) throw new Error('away');
      return Promise.resolve((key: string) => key.toUpperCase());
    });
    await expect(loader.get('a')).rejects.toThrow('away');
    isAway = false;
    expect(await loader.get('b')).toBe('B');
  });

  it('answers no question by what was asked before it', async () => {
    let stored = 'old';
    const gate = Promise.withResolvers<void>();
    let isFirst = true;
    const loader = new BatchedLoader(async (_keys: readonly string[]) => {
      const found = stored;
      if (isFirst) await gate.promise;
      isFirst = false;
      return () => found;
    });
    const before = loader.get('x');
    stored = 'new';
    const after = loader.get('x');
    gate.resolve();
    expect(await Promise.all([before, after])).toEqual(['old', 'new']);
  });
});
