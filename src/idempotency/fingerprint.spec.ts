import { describe, expect, it } from '@jest/globals';
import { fingerprintOf } from './fingerprint.js';

const print = (body: unknown, method = 'POST', address = '/x'): string =>
  Buffer.from(fingerprintOf(method, address, body)).toString('hex');

describe('fingerprintOf', () => {
  it('does not depend on the order of keys, at any depth', () => {
    expect(print({ a: 1, b: [{ c: 1, d: null }] })).toBe(print({ b: [{ d: null, c: 1 }], a: 1 }));
  });

  it.each([
    ['a value', { a: 1 }, { a: 2 }],
    ['a type', { a: 1 }, { a: '1' }],
    ['the order of a list', [1, 2], [2, 1]],
    ['a key more', {}, { a: null }],
    ['a body at all', undefined, null],
    ['where a text ends', { a: 'x', b: 'y' }, { a: 'x","b":"y' }],
  ])('tells apart what differs in %s', (_, one, other) => {
    expect(print(one)).not.toBe(print(other));
  });

  it('tells apart methods and addresses', () => {
    const prints = [print({}), print({}, 'PUT'), print({}, 'POST', '/y'), print({}, 'POST', '/x?a=1')];
    expect(new Set(prints).size).toBe(4);
  });

  it('refuses what is nested too deep to be walked', () => {
    let deep: unknown = [];
    for (let level = 0; level < 50_000; level++) deep = [deep];
    expect(() => print(deep)).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED' }));
  });
});
