import { setTimeout as sleep } from 'node:timers/promises';
import { isDatabaseUnavailable } from '../common/errors/describe-error.js';

const RETRY_MS = 250;

/**
 * Does `work` again and again while the database is away, for at most `forMs`. Only for work that may be done twice, and that
 * nobody else would do in our place. @throws what `work` throws otherwise, and `signal`'s reason
 */
export async function outlastAbsence<T>(work: () => Promise<T>, forMs: number, signal?: AbortSignal): Promise<T> {
  const giveUpAt = performance.now() + forMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      if (!isDatabaseUnavailable(error) || performance.now() > giveUpAt) throw error;
      await sleep(RETRY_MS, undefined, signal ? { signal } : {});
    }
  }
}
