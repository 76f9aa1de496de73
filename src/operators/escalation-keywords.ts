/** Phrases by which people call a human, in Russian and English. */
export const DEFAULT_KEYWORDS = [
  '=оператор',
  '=оператора',
  '=человек',
  '=живой человек',
  '=operator',
  '=human',
  '=agent',
  'позов* оператор*',
  'позов* человек*',
  'позов* менеджер*',
  'вызов* оператор*',
  'нужен оператор',
  'хочу оператор*',
  'соедин* с оператор*',
  'соедин* с человек*',
  'соедин* с менеджер*',
  'связ* с оператор*',
  'связ* с менеджер*',
  'переключ* на оператор*',
  'переключ* на человек*',
  'перевед* на оператор*',
  'поговорить с оператор*',
  'поговорить с человек*',
  'поговорить с жив*',
  'говорить с человек*',
  'жив* оператор*',
  'нужен человек',
  'нужен живой человек',
  'human operator',
  'human agent',
  'live agent',
  'real human',
  'real person',
  'talk to a human',
  'talk to human',
  'talk to a person',
  'talk to an agent',
  'talk to an operator',
  'talk to operator',
  'talk to support',
  'talk to someone',
  'speak to a human',
  'speak to a person',
  'speak to an agent',
  'speak to an operator',
  'speak with a human',
  'speak with an operator',
  'connect me to a human',
  'connect me with a human',
  'connect me to an operator',
  'need an operator',
  'need a human',
  'want an operator',
  'want a human',
  'call an operator',
  'call a human',
] as const;

const WORD = /[\p{L}\p{N}]+/gu;

/**
 * Finds out whether a text asks for a human. A phrase is found where its words stand in a row; `*` at the end of a word stands
 * for any ending, `=` at the start asks for the whole text. Case and ё/е make no difference.
 */
export class EscalationKeywords {
  private readonly phrases: { words: readonly string[]; isWhole: boolean }[];

  constructor(keywords: readonly string[]) {
    this.phrases = keywords
      .map((keyword) => ({
        isWhole: keyword.startsWith('='),
        words: normal(keyword).match(/[\p{L}\p{N}]+\*?/gu) ?? [],
      }))
      .filter(({ words }) => words.length > 0);
  }

  /** As the configuration says: nothing means the default, `off` none. */
  static from(configured: readonly string[]): EscalationKeywords {
    if (configured.length === 1 && configured[0]?.toLowerCase() === 'off') return new EscalationKeywords([]);
    return new EscalationKeywords(configured.length > 0 ? configured : DEFAULT_KEYWORDS);
  }

  matches(text: string): boolean {
    const words = normal(text).match(WORD) ?? [];
    return this.phrases.some(({ words: phrase, isWhole }) => {
      if (isWhole) return words.length === phrase.length && standsAt(words, phrase, 0);
      const last = words.length - phrase.length;
      for (let place = 0; place <= last; place++) if (standsAt(words, phrase, place)) return true;
      return false;
    });
  }
}

const normal = (text: string): string => text.toLowerCase().replaceAll('ё', 'е');

const standsAt = (words: readonly string[], phrase: readonly string[], place: number): boolean =>
  phrase.every((part, offset) => {
    const word = words[place + offset] ?? '';
    return part.endsWith('*') ? word.startsWith(part.slice(0, -1)) : word === part;
  });
