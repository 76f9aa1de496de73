import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Backlog, type Queued } from './backlog.js';

const MEBIBYTE = 1024 * 1024;
const GRACE_MS = 250;

describe('Backlog', () => {
  let queued: Queued;
  let givenUp: number;
  let backlog: Backlog;

  beforeEach(() => {
    jest.useFakeTimers();
    queued = { events: 0, bytes: 0 };
    givenUp = 0;
    backlog = new Backlog(
      () => queued,
      () => givenUp++,
    );
  });

  afterEach(() => void jest.useRealTimers());

  const grow = (to: Partial<Queued>) => {
    queued = { ...queued, ...to };
    backlog.grew();
  };

  it.each([
    ['events', { events: 257 }],
    ['bytes', { bytes: MEBIBYTE + 1 }],
    ['text that waits', { bytes: 0.6 * MEBIBYTE, held: 0.6 * MEBIBYTE }],
  ])('gives a reader up that is over the limit of %s for longer than a moment', (_what, most) => {
    grow(most);
    jest.advanceTimersByTime(GRACE_MS - 1);
    expect(givenUp).toBe(0);
    jest.advanceTimersByTime(1);
    expect(givenUp).toBe(1);
  });

  it('forgives a burst that is taken within the moment', () => {
    grow({ bytes: 2 * MEBIBYTE });
    grow({ bytes: 0 });
    jest.advanceTimersByTime(GRACE_MS);
    expect(givenUp).toBe(0);
  });

  it.each([
    ['bytes', { bytes: 4 * MEBIBYTE + 1 }],
    ['text that waits', { bytes: 0.6 * MEBIBYTE, held: 4 * MEBIBYTE }],
  ])('gives up at once where four times as much %s is there, and only once', (_what, most) => {
    grow(most);
    grow(most);
    expect(givenUp).toBe(1);
  });

  it('calls nobody late for text that waits for them to catch up', () => {
    grow({ held: 0.9 * MEBIBYTE });
    expect(backlog.isBehind).toBe(false);
    grow({ bytes: 0.5 * MEBIBYTE + 1 });
    expect(backlog.isBehind).toBe(true);
  });

  it('leaves a reader alone that is gone', () => {
    grow({ events: 300 });
    backlog.close();
    jest.advanceTimersByTime(GRACE_MS);
    expect(givenUp).toBe(0);
  });
});
