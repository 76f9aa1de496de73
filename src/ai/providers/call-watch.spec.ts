import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CallWatch, cutToBytes, type CallLimits } from './call-watch.js';

describe('CallWatch', () => {
  let outer: AbortController;
  let told: string[];
  let firsts: number;
  const watch = (limits: Partial<CallLimits> = {}) =>
    new CallWatch(
      { signal: outer.signal, onDelta: (text) => told.push(text) },
      { firstByteMs: 1000, idleMs: 500, deadlineAt: performance.now() + 5000, maxBytes: 100, ...limits },
      () => firsts++,
    );
  const limitOf = (call: CallWatch) =>
    (call.signal.reason as { details?: { limit: string } } | undefined)?.details?.limit;

  beforeEach(() => {
    jest.useFakeTimers();
    outer = new AbortController();
    told = [];
    firsts = 0;
  });
  afterEach(() => void jest.useRealTimers());

  it('gives up when no sign of life came in time', () => {
    const call = watch();
    jest.advanceTimersByTime(999);
    expect(call.signal.aborted).toBe(false);
    jest.advanceTimersByTime(2);
    expect(limitOf(call)).toBe('first-byte');
  });

  it('gives up after a silence, counted from the latest sign of life', () => {
    const call = watch();
    jest.advanceTimersByTime(900);
    call.onActivity();
    jest.advanceTimersByTime(490);
    call.onDelta('a');
    jest.advanceTimersByTime(490);
    expect(call.signal.aborted).toBe(false);
    jest.advanceTimersByTime(20);
    expect(limitOf(call)).toBe('idle');
  });

  it('does not wait for the limit of the first byte any more once that is there', () => {
    const call = watch({ firstByteMs: 4000, idleMs: 300 });
    jest.advanceTimersByTime(10);
    call.onDelta('a');
    jest.advanceTimersByTime(310);
    expect(limitOf(call)).toBe('idle');
  });

  it('gives up at the deadline, however lively it is', () => {
    const call = watch();
    for (let i = 0; i < 49; i++) {
      jest.advanceTimersByTime(100);
      call.onDelta('a');
    }
    expect(call.signal.aborted).toBe(false);
    jest.advanceTimersByTime(110);
    expect(limitOf(call)).toBe('total');
  });

  it('passes the stop of the caller on, with its reason, and nothing after it', () => {
    const call = watch();
    call.onDelta('a');
    outer.abort('enough');
    call.onDelta('b');
    expect(call.signal.reason).toBe('enough');
    expect(told).toEqual(['a']);
    expect(watch().signal.reason).toBe('enough');
  });

  it('leaves no timer and no listener behind', () => {
    const call = watch();
    call.close();
    expect(jest.getTimerCount()).toBe(0);
    outer.abort();
    expect(call.signal.aborted).toBe(false);
  });

  it('cuts at the greatest length and stops the call', () => {
    const call = watch({ maxBytes: 7 });
    ['ab', 'дe', '', '😀', 'z'].forEach(call.onDelta);
    expect(told).toEqual(['ab', 'дe']);
    expect(call.isFull).toBe(true);
    expect(call.signal.aborted).toBe(true);
    expect(firsts).toBe(1);
  });

  it('hands on only what can be stored: no NUL, no halves of characters', () => {
    const call = watch();
    ['a\0b', '\0', 'c\ud83d', '\ude00d', '\ude00e', 'f\ud83d', 'g', '\ud83d'].forEach(call.onDelta);
    expect(told.join('')).toBe('abc😀d\ufffdef\ufffdg');
    expect(told.every((text) => text.length > 0 && text.isWellFormed())).toBe(true);
  });
});

describe('cutToBytes', () => {
  it.each([
    ['abc', 2, 'ab'],
    ['дом', 3, 'д'],
    ['😀😀', 7, '😀'],
    ['😀', 3, ''],
    ['abc', 0, ''],
    ['abc', 9, 'abc'],
  ])('cuts %j at %i bytes to %j', (text, bytes, cut) => {
    expect(cutToBytes(text, bytes)).toBe(cut);
  });
});
