import { describe, expect, it } from '@jest/globals';
import { isCommonPassword } from './common-passwords.js';

describe('isCommonPassword', () => {
  it.each([
    'password',
    'Password1',
    'P@ssw0rd',
    'p@$$w0rd!',
    'PASSWORD2024!',
    '12345678',
    '123456789',
    '1234567890',
    '87654321',
    'qwertyuiop',
    'qwerty123',
    'qwerty12345',
    '1q2w3e4r',
    '1qaz2wsx',
    'q1w2e3r4t5',
    'zaq12wsx',
    'asdfghjkl',
    'abcd1234',
    'abc12345',
    'aaaaaaaa',
    '11111111',
    '12121212',
    'abcabcabc',
    'iloveyou',
    'iloveyou1',
    'letmein1',
    'welcome123',
    'admin123',
    'administrator',
    'monkey123',
    'dragon12',
    'sunshine',
    'football1',
    'baseball',
    'trustno1',
    'superman',
    'starwars',
    'passw0rd',
    'changeme',
    'changeme123',
    'princess1',
    'michael1',
    'jennifer',
    'computer',
    'whatever',
    'corvette',
    'mercedes',
    'maverick',
    'steelers',
    'passwordpassword',
    'testtest',
    'test1234',
    '123qweasd',
    'qweasdzxc',
    '147258369',
    '789456123',
    'йцукенгш',
    '!@#$%^&*',
    'secret123',
    'liverpool',
    'chocolate',
    'butterfly',
    'spiderman',
    'jonathan',
    'samantha',
    'internet',
    'marlboro',
    'abcdefgh',
    '11223344',
  ])('refuses %s', (password) => expect(isCommonPassword(password)).toBe(true));

  it.each([
    'correct horse battery staple',
    'wq8fj2!kd',
    'mein Haus am See',
    'tr0ub4dor&3x',
    'Blaue-Giraffe-77',
    'заря над рекой',
    'X7#pQ2vL',
    'password manager tip',
    'lamp quiet orbit',
    '9f86d081884c',
  ])('lets %s pass', (password) => expect(isCommonPassword(password)).toBe(false));

  it('refuses the own email and its first part', () => {
    expect(isCommonPassword('ada.lovelace@example.org', 'ada.lovelace@example.org')).toBe(true);
    expect(isCommonPassword('Ada.Lovelace12', 'ada.lovelace@example.org')).toBe(true);
    expect(isCommonPassword('ada.lovelace of london', 'ada.lovelace@example.org')).toBe(false);
  });

  it('answers quickly for the longest and oddest input', () => {
    const started = performance.now();
    for (const text of ['a1'.repeat(64), '1234qwer'.repeat(16), '!'.repeat(128), 'qwe'.repeat(42) + 'x'])
      isCommonPassword(text);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
