import { describe, expect, it } from '@jest/globals';
import { asksAssistant, hasMentions, mentionedIn, MOST_MENTIONS, type Nameable } from './mentioned-names.js';

const ID = '01a1fd51-a0a7-70e5-87d2-8a4eabdb7dff';
const person = (userId: string, name: string, shortName: string | null = null): Nameable => ({
  userId,
  names: [name],
  shortName,
});

const PEOPLE: Nameable[] = [
  person('anna', 'Anna Petrova', 'Anna'),
  person('annam', 'Anna-Maria', 'Anna-Maria'),
  person('ivan', 'Иван Сергеевич Ёлкин', 'Иван'),
  person('bob', 'Bob'),
  person('bobby', 'bob  smith'),
  person('lee1', 'Lee', 'Lee'),
  person('lee2', 'Lee', 'Lee'),
  person('max1', 'Max Born', 'Max'),
  person('max2', 'Max Frisch', 'Max'),
  person('zoe', 'Zoé'),
  person(ID, 'x'),
];
const found = (content: string) => mentionedIn(content, PEOPLE);

describe('mentionedIn', () => {
  it.each([
    ['@Anna Petrova: tea?', ['anna']],
    ['@anna tea?', ['anna']],
    ['@ANNA\n PETROVA', ['anna']],
    ['@Anna-Maria and @Anna', ['annam', 'anna']],
    ['@Иван Сергеевич Ёлкин, привет', ['ivan']],
    ['(@иван)', ['ivan']],
    ['@Bob Smith!', ['bobby']],
    ['@Bob smiths', ['bob']],
    ['@Bob @Bob', ['bob']],
    ['@Bob. And so on', ['bob']],
    ['@Zoe\u0301', ['zoe']],
    [`@${ID.toUpperCase()}, you`, [ID]],
  ])('finds who is named in %j', (content, ids) => {
    expect(found(content)).toEqual(ids);
  });

  it('takes a full name that several have for all of them, and a short one for nobody', () => {
    expect(found('@Lee')).toEqual(['lee1', 'lee2']);
    expect(found('@Max')).toEqual([]);
    expect(found('@Max Frisch')).toEqual(['max2']);
  });

  it.each([
    'write to ann@bob or a.b@bob.com',
    '@bob.com',
    '@bob@example.com',
    '@bobby',
    '@Иванов',
    'https://example.com/@bob',
    '@ bob',
    '@@bob',
    '@',
    '@nobody',
    '@anna-m',
    `@${ID}0`,
    '@assistant',
  ])('names nobody in %j', (content) => {
    expect(found(content)).toEqual([]);
  });

  it('names no more people than there may be, in a text of names alone', () => {
    const many = Array.from({ length: 1_000 }, (_, index) => person(`p${index}`, `n${index}`));
    const content = many.map((_, index) => `@n${index}`).join(' ');
    expect(mentionedIn(content, many)).toHaveLength(MOST_MENTIONS);
    expect(mentionedIn('@'.repeat(10_000), many)).toEqual([]);
    expect(mentionedIn('@ab '.repeat(2_500), many)).toEqual([]);
  });
});

describe('asksAssistant', () => {
  it.each(['@assistant why?', 'so, @Assistant: why?', '(@ASSISTANT)', '@assistant.', '@assistant, and @bob'])(
    'is so in %j',
    (content) => {
      expect(asksAssistant(content)).toBe(true);
      expect(hasMentions(content)).toBe(true);
    },
  );

  it.each(['assistant', '@assistants', 'me@assistant', '@assistant.io', '@assistant@example.com', '@ассистент'])(
    'is not so in %j',
    (content) => {
      expect(asksAssistant(content)).toBe(false);
    },
  );
});
