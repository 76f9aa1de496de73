import { describe, expect, it } from '@jest/globals';
import { AnswerSlots } from './answer-slots.js';

const never = new AbortController().signal;

describe('AnswerSlots', () => {
  it('runs no more than it has slots, in all and per person', async () => {
    const slots = new AnswerSlots({ inAll: 3, perUser: 2, queue: 10, queuePerUser: 10 });
    const releases = [
      await slots.acquire('a', never),
      await slots.acquire('a', never),
      await slots.acquire('b', never),
    ];
    const waiting = [slots.acquire('a', never), slots.acquire('c', never)];
    expect(slots.counts).toEqual({ running: 3, waiting: 2 });
    releases[2]!();
    await waiting[1];
    expect(slots.counts).toEqual({ running: 3, waiting: 1 });
    releases[0]!();
    await waiting[0];
    expect(slots.counts).toEqual({ running: 3, waiting: 0 });
  });

  it('serves people in turn, so that one with many answers does not hold up the others', async () => {
    const slots = new AnswerSlots({ inAll: 1, perUser: 5, queue: 10, queuePerUser: 10 });
    const first = await slots.acquire('a', never);
    const order: string[] = [];
    const take = async (userId: string) => {
      const release = await slots.acquire(userId, never);
      order.push(userId);
      release();
    };
    const all = [take('a'), take('a'), take('a'), take('b'), take('c')];
    first();
    await Promise.all(all);
    expect(order).toEqual(['a', 'b', 'c', 'a', 'a']);
  });

  it('refuses who comes to a full queue and lets go of who gives up', async () => {
    const slots = new AnswerSlots({ inAll: 1, perUser: 1, queue: 1, queuePerUser: 1 });
    const release = await slots.acquire('a', never);
    const giveUp = new AbortController();
    const waiting = slots.acquire('b', giveUp.signal);
    await expect(slots.acquire('c', never)).rejects.toMatchObject({ code: 'SERVER_BUSY', retryAfterSeconds: 5 });
    await expect(slots.acquire('b', never)).rejects.toMatchObject({ code: 'SERVER_BUSY' });
    giveUp.abort(new Error('gave up'));
    await expect(waiting).rejects.toThrow('gave up');
    release();
    release();
    expect(slots.counts).toEqual({ running: 0, waiting: 0 });
  });
});
