import { describe, expect, it } from '@jest/globals';
import { handOverText, readHumanCall } from './escalation-tool.js';

const call = (args: unknown, name = 'escalate_to_operator') => [
  { name, argumentsJson: typeof args === 'string' ? args : JSON.stringify(args) },
];

describe('the call for a human', () => {
  it('is read from the tool calls of an answer', () => {
    const args = { reason: 'refund', priority: 'high', summary: 'Wants the money back.' };
    expect(readHumanCall(call(args))).toEqual({ by: 'assistant', ...args });
  });

  it('is none where another function was called', () => expect(readHumanCall(call({}, 'other'))).toBeNull());

  it.each(['', '{', '[]', 'null', '{"reason":5,"priority":"now","summary":"\\u0000 "}'])(
    'counts although its arguments are %s',
    (args) => expect(readHumanCall(call(args))).toEqual({ by: 'assistant', reason: null }),
  );

  it('is cut to what can be stored', () => {
    const found = readHumanCall(call({ reason: 'x'.repeat(600), summary: `${'y'.repeat(3999)}😀` }));
    expect(found?.reason).toHaveLength(500);
    expect(found?.summary).toHaveLength(4000);
    expect(found?.summary?.isWellFormed()).toBe(true);
  });

  it('has words for those who are told nothing else', () => {
    expect(handOverText('Верните деньги')).toMatch(/оператор/);
    expect(handOverText('My money!')).toMatch(/operator/);
  });
});
