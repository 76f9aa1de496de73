import { hash, verify } from '@node-rs/argon2';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { PasswordHasher, type Guess } from './password-hasher.service.js';

const freely: Guess = { begin: () => undefined, settle: () => undefined };

describe('PasswordHasher', () => {
  const hasher = new PasswordHasher();
  beforeAll(() => hasher.onModuleInit());

  it('writes argon2id with 19 MiB, two passes and one lane', async () => {
    const kept = await hasher.hash('lamp quiet orbit');
    expect(kept).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await verify(kept, 'lamp quiet orbit')).toBe(true);
  });

  it.each([
    ['128 characters that differ in the last', 'x'.repeat(127) + 'a', 'x'.repeat(127) + 'b'],
    ['more than 72 bytes in another script', 'ж'.repeat(80) + 'а', 'ж'.repeat(80) + 'б'],
    ['blanks at the end', 'lamp quiet orbit', 'lamp quiet orbit '],
    ['letter case', 'Lamp quiet orbit', 'lamp quiet orbit'],
  ])('compares the whole password: %s', async (_what, right, wrong) => {
    const kept = await hasher.hash(right);
    expect((await hasher.check(kept, right, freely)).correct).toBe(true);
    expect((await hasher.check(kept, wrong, freely)).correct).toBe(false);
  });

  it('takes as long for nobody and is never correct then', async () => {
    const kept = await hasher.hash('lamp quiet orbit');
    const time = async (hashToCheck: string | null) => {
      const started = performance.now();
      expect((await hasher.check(hashToCheck, 'wrong', freely)).correct).toBe(false);
      return performance.now() - started;
    };
    const median = (times: number[]) => times.sort((a, b) => a - b)[times.length >> 1] ?? 0;
    const known: number[] = [];
    const unknown: number[] = [];
    for (let i = 0; i < 9; i++) {
      known.push(await time(kept));
      unknown.push(await time(null));
    }
    expect(median(unknown)).toBeGreaterThan(median(known) / 2);
  });

  it('offers a better hash for one of weaker parameters, and none otherwise', async () => {
    const weak = await hash('lamp quiet orbit', { memoryCost: 8_192, timeCost: 1, parallelism: 1 });
    const { betterHash } = await hasher.check(weak, 'lamp quiet orbit', freely);
    expect(betterHash).toMatch(/m=19456,t=2,p=1/);
    expect(await hasher.check(betterHash, 'lamp quiet orbit', freely)).toEqual({ correct: true, betterHash: null });
    expect(await hasher.check(weak, 'wrong', freely)).toEqual({ correct: false, betterHash: null });
  });

  it('asks again in turn, so that a burst of guesses cannot run past the one who counts', async () => {
    let failures = 0;
    const counted: Guess = {
      begin: () => {
        if (failures >= 3) throw new Error('enough');
      },
      settle: (correct) => void (failures += correct ? 0 : 1),
    };
    const kept = await hasher.hash('lamp quiet orbit');
    const burst = await Promise.allSettled(Array.from({ length: 30 }, () => hasher.check(kept, 'wrong', counted)));
    // Two run side by side, so one more than the limit can be under way.
    expect(burst.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(4);
  });

  it('turns away the 53rd at once, and serves the others', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 60 }, () => hasher.hash('lamp quiet orbit')));
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(8);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'SERVER_BUSY' });
  }, 30_000);
});
