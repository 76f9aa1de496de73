import { describe, expect, it } from '@jest/globals';
import { WorkQueue } from './work-queue.js';

describe('WorkQueue', () => {
  it('never runs more at once than allowed, finishes all in order, and goes on after a failure', async () => {
    const queue = new WorkQueue({ running: 2, waiting: 10 });
    let running = 0;
    let most = 0;
    const started: number[] = [];
    const results = await Promise.allSettled(
      Array.from({ length: 9 }, (_, index) =>
        queue.run(async () => {
          started.push(index);
          most = Math.max(most, ++running);
          await new Promise(setImmediate);
          running--;
          if (index === 3) throw new Error('broken');
          return index;
        }),
      ),
    );
    expect(most).toBe(2);
    expect(started).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1);
  });

  it('refuses what does not fit with SERVER_BUSY and takes work again afterwards', async () => {
    const queue = new WorkQueue({ running: 1, waiting: 2 });
    const gate = Promise.withResolvers<void>();
    const accepted = [1, 2, 3].map(() => queue.run(() => gate.promise));
    await expect(queue.run(() => Promise.resolve())).rejects.toMatchObject({ code: 'SERVER_BUSY' });
    gate.resolve();
    await Promise.all(accepted);
    await expect(queue.run(() => Promise.resolve('done'))).resolves.toBe('done');
  });
});
