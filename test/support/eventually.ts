import { setTimeout as sleep } from 'node:timers/promises';

/** Asks until the answer is not false, null or undefined; for state that tells nobody when it changes. */
export async function eventually<T>(ask: () => T | Promise<T>, patienceMs = 10_000): Promise<NonNullable<T>> {
  const giveUpAt = Date.now() + patienceMs;
  for (;;) {
    const found = await ask();
    if (found) return found;
    if (Date.now() > giveUpAt) throw new Error(`This did not become true within ${patienceMs} ms: ${ask.toString()}`);
    await sleep(10);
  }
}
