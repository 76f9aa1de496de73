import { describe, expect, it } from '@jest/globals';
import { IdentityCache } from './identity-cache.js';
import type { Identity } from './sign-ins.repository.js';

function aCache() {
  const time = { now: 0 };
  const questions: string[] = [];
  const answers: PromiseWithResolvers<Identity | null>[] = [];
  const cache = new IdentityCache(
    (signInId) => {
      questions.push(signInId);
      const answer = Promise.withResolvers<Identity | null>();
      answers.push(answer);
      return answer.promise;
    },
    () => time.now,
  );
  return { time, questions, answers, cache };
}

const admin: Identity = { userId: 'ada', role: 'admin' };
const user: Identity = { userId: 'ada', role: 'user' };

describe('IdentityCache', () => {
  it('asks once for all who want to know at the same time, and not again for five seconds', async () => {
    const { cache, questions, answers, time } = aCache();
    const asked = [cache.get('s1', 'ada'), cache.get('s1', 'ada')];
    answers[0]?.resolve(admin);
    expect(await Promise.all(asked)).toEqual([admin, admin]);
    time.now = 4_999;
    await cache.get('s1', 'ada');
    expect(questions).toHaveLength(1);
    time.now = 5_000;
    void cache.get('s1', 'ada');
    expect(questions).toHaveLength(2);
  });

  it('asks again after it was told to forget, even when the old question is still open', async () => {
    const { cache, answers } = aCache();
    const before = cache.get('s1', 'ada');
    cache.forgetPerson('ada');
    const after = cache.get('s1', 'ada');
    answers[1]?.resolve(user);
    answers[0]?.resolve(admin);
    expect(await after).toEqual(user);
    expect(await before).toEqual(admin);
    expect(await cache.get('s1', 'ada')).toEqual(user);
  });

  it('forgets one sign-in and keeps the others of the person', async () => {
    const { cache, questions, answers } = aCache();
    const both = [cache.get('s1', 'ada'), cache.get('s2', 'ada')];
    answers.forEach(({ resolve }) => resolve(user));
    await Promise.all(both);
    cache.forgetSignIn('ada', 's1');
    void cache.get('s2', 'ada');
    void cache.get('s1', 'ada');
    expect(questions).toEqual(['s1', 's2', 's1']);
  });

  it('does not remember a failure', async () => {
    const { cache, answers, questions } = aCache();
    const first = cache.get('s1', 'ada');
    answers[0]?.reject(new Error('the database is away'));
    await expect(first).rejects.toThrow('away');
    const second = cache.get('s1', 'ada');
    answers[1]?.resolve(user);
    expect(await second).toEqual(user);
    expect(questions).toHaveLength(2);
  });
});
