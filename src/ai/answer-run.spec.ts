import { describe, expect, it, jest } from '@jest/globals';
import { AnswerRun, AnswerStopped, type AnswerPlan } from './answer-run.js';

const PLAN = { messageId: 'm', conversationId: 'c' } as AnswerPlan;

function aRun(windowMs = 20) {
  const sent: [delta: string, offset: number][] = [];
  const run = new AnswerRun(
    PLAN,
    (delta, offset) => sent.push([delta, offset]),
    () => windowMs,
  );
  return { run, sent };
}

describe('AnswerRun', () => {
  it('sends the first piece at once and joins later ones for the window', () => {
    jest.useFakeTimers();
    const { run, sent } = aRun();
    run.push('Hel');
    expect(sent).toEqual([['Hel', 0]]);
    run.push('lo');
    run.push(' there');
    expect(sent).toHaveLength(1);
    jest.advanceTimersByTime(20);
    expect(sent).toEqual([
      ['Hel', 0],
      ['lo there', 3],
    ]);
  });

  it('keeps a character whole that the provider cut in half', () => {
    const { run, sent } = aRun();
    run.push('a\ud83d');
    run.push('\ude00b');
    run.flush();
    expect(run.content).toBe('a😀b');
    expect(sent.map(([delta]) => delta).join('')).toBe('a😀b');
    expect(sent.every(([delta]) => delta.isWellFormed())).toBe(true);
  });

  it('shows exactly what can be stored: no NUL, no lone surrogate', () => {
    const { run, sent } = aRun();
    run.push('a\0b\udc00c');
    run.flush();
    expect(run.content).toBe('ab\ufffdc');
    expect(sent).toEqual([['ab\ufffdc', 0]]);
  });

  it('takes nothing more once it is stopped, and the first reason counts', () => {
    const { run } = aRun();
    run.push('so far');
    run.stop('stopped');
    run.stop('shutdown');
    run.push(' and more');
    expect(run.content).toBe('so far');
    expect(run.signal.reason).toBeInstanceOf(AnswerStopped);
    expect((run.signal.reason as AnswerStopped).reason).toBe('stopped');
  });
});
