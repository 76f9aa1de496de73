import { describe, expect, it } from '@jest/globals';
import { EscalationKeywords } from './escalation-keywords.js';

describe('the words that call a human', () => {
  const byDefault = EscalationKeywords.from([]);

  it.each([
    'Позовите оператора, пожалуйста!',
    'соедините меня... нет, СОЕДИНИТЕ С ОПЕРАТОРОМ',
    'мне нужен живой человек',
    'оператор',
    'I want to talk to a human now',
    'Operator!',
    'can I speak with an operator?',
  ])('are found in: %s', (text) => expect(byDefault.matches(text)).toBe(true));

  it.each([
    'What does the operator ?? do in TypeScript?',
    'собственные значения линейного оператора',
    'How many humans live on Mars? Is a human heart big?',
    'кооператор',
    '',
  ])('are not found in: %s', (text) => expect(byDefault.matches(text)).toBe(false));

  it('can be others, and none', () => {
    const own = EscalationKeywords.from(['SOS', 'возврат* денег']);
    expect(own.matches('sos, please')).toBe(true);
    expect(own.matches('хочу возврата денег')).toBe(true);
    expect(own.matches('Позовите оператора')).toBe(false);
    expect(EscalationKeywords.from(['off']).matches('operator')).toBe(false);
  });
});
