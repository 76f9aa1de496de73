import { describe, expect, it } from '@jest/globals';
import { OwnerCache } from './owner-cache.js';

describe('OwnerCache', () => {
  let now = 0;
  let loads: string[] = [];
  const made = () => {
    now = 0;
    loads = [];
    return new OwnerCache(() => now);
  };
  const ask = (cache: OwnerCache, id: string, owner: string | null = 'ann') =>
    cache.getOrLoad(id, () => {
      loads.push(id);
      return Promise.resolve(owner);
    });

  it('asks once and remembers for half a minute', async () => {
    const cache = made();
    expect(await ask(cache, 's')).toBe('ann');
    now = 29_999;
    expect(await ask(cache, 's')).toBe('ann');
    expect(loads).toEqual(['s']);
    now = 30_000;
    await ask(cache, 's');
    expect(loads).toEqual(['s', 's']);
  });

  it('does not remember what is not there', async () => {
    const cache = made();
    expect(await ask(cache, 's', null)).toBeNull();
    expect(await ask(cache, 's')).toBe('ann');
  });

  it('forgets', async () => {
    const cache = made();
    await ask(cache, 's');
    cache.forget('s');
    expect(cache.get('s')).toBeUndefined();
  });

  it('does not keep an answer that a deletion overtook', async () => {
    const cache = made();
    let answer: (owner: string) => void = () => undefined;
    const asked = cache.getOrLoad('s', () => new Promise<string>((resolve) => (answer = resolve)));
    cache.forget('s');
    answer('ann');
    expect(await asked).toBe('ann');
    expect(cache.get('s')).toBeUndefined();
  });

  it('holds the latest 10 000', async () => {
    const cache = made();
    for (let id = 0; id <= 10_000; id++) await ask(cache, `s${id}`);
    expect(cache.get('s0')).toBeUndefined();
    expect(cache.get('s1')).toBe('ann');
    expect(cache.get('s10000')).toBe('ann');
  });
});
