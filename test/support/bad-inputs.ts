import { randomUUID } from 'node:crypto';
import { MAX_BODY_BYTES } from '../../src/common/http/body-limits.js';
import type { Field, FieldKind } from './input-fields.js';

/** Columns and rights that no client may set. */
export const OTHERS_BUSINESS = [
  'role',
  'userId',
  'ownerId',
  'operatorId',
  'senderId',
  'isAdmin',
  'createdAt',
  'deletedAt',
  'seq',
  'changeSeq',
  'id',
  'passwordHash',
  'status',
];

const NOT_A_TEXT: readonly unknown[] = [
  12,
  1e308,
  true,
  [],
  ['a'],
  [[]],
  {},
  { contains: '' },
  { set: 'x' },
  { a: { b: {} } },
];
const ODD_TEXTS: readonly unknown[] = ['a\0b', 'a\ud800b', 'x'.repeat(10_001), '   ', ''];
const ODD_IDS: readonly unknown[] = [
  'x',
  `{${randomUUID()}}`,
  randomUUID().replaceAll('-', ''),
  `urn:uuid:${randomUUID()}`,
  ` ${randomUUID()}`,
  "' OR 1=1 --",
  '__proto__',
];

/** Values that no field of the kind may take in JSON. */
const WRONG: Record<FieldKind, readonly unknown[]> = {
  text: [...NOT_A_TEXT, ...ODD_TEXTS],
  id: [...NOT_A_TEXT, ...ODD_TEXTS, ...ODD_IDS],
  number: ['1', 'x', '', true, [], [1], {}, { gt: 0 }, -1, 1.5, 1e300, 2 ** 53],
  boolean: ['true', 'x', '', 1, 0, [], [true], {}, { not: false }],
  object: ['x', 12, true, '', [], [{}], { contains: '' }, { a: { b: {} } }],
  texts: ['x', 12, true, {}, [12], [null], [[]], [{}], ['a\0b'], Array.from({ length: 1_100 }, () => randomUUID())],
  ids: ['x', 12, true, {}, [12], [null], [[]], [{}], ['x'], Array.from({ length: 1_100 }, () => randomUUID())],
};

/** The same for values of a query, which are texts or, when given twice, lists of texts. */
const WRONG_IN_QUERY: Record<FieldKind, readonly (string | string[])[]> = {
  text: ['a\0b', 'x'.repeat(10_001), ['a', 'b']],
  id: [...(ODD_IDS as string[]), 'a\0b', [randomUUID(), randomUUID()]],
  number: ['x', '-1', '1.5', '1e300', '9007199254740993', 'NaN', '1,2', '\0', ['1', '2']],
  boolean: ['yes', 'TRUE', '\0', ['true', 'true']],
  ids: ['x'],
  texts: ['x', ''],
  object: ['x'],
};

/** Sets a field of a good input to everything that it may not be. */
export function withWrongFields(
  good: Readonly<Record<string, unknown>>,
  fields: readonly Field[],
  lenient: Readonly<Record<string, string>> = {},
): object[] {
  return fields.flatMap(({ name, kind, isOptional }) => {
    const all = isOptional ? WRONG[kind] : [...WRONG[kind], null, undefined];
    const values = lenient[name] === 'blank' ? all.filter((value) => typeof value !== 'string' || value.trim()) : all;
    return values.map((value) => ({ ...good, [name]: value }));
  });
}

/** Adds keys that an input does not have. */
export function withUnknownKeys(good: Readonly<Record<string, unknown>>, fields: readonly Field[]): object[] {
  const known = new Set(fields.map(({ name }) => name));
  return [
    ...OTHERS_BUSINESS.filter((key) => !known.has(key)).map((key) => ({ ...good, [key]: 'admin' })),
    { ...good, toString: 'x', hasOwnProperty: 1 },
    { ...good, ...Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`k${index}`, 1])) },
  ];
}

/** Adds what reaches for prototypes or for the end of the stack. */
export function withUnsafeShapes(good: Readonly<Record<string, unknown>>): object[] {
  const json = JSON.stringify(good).slice(0, -1);
  const reach = ['"__proto__":{"polluted":1}', '"constructor":{"prototype":{"polluted":1}}', '"a":{"__proto__":1}'];
  return [
    // A literal would set the prototype; JSON makes a key of its own.
    ...reach.map((member) => JSON.parse(`${json}${json === '{' ? '' : ','}${member}}`) as object),
    { ...good, nested: deep(1_000) },
  ];
}

/** Queries with one wrong field each, and with what is no field, ready for an address. */
export function wrongQueries(
  good: Readonly<Record<string, string>>,
  fields: readonly Field[],
  { takesUnknown = false } = {},
): string[] {
  const base = Object.entries(good).map(([name, value]) => [name, value] as const);
  const write = (pairs: readonly (readonly [string, string | string[]])[]) =>
    pairs
      .flatMap(([name, value]) => [value].flat().map((one) => `${encodeURIComponent(name)}=${encodeURIComponent(one)}`))
      .join('&');
  const fieldCases = fields.flatMap(({ name, kind }) =>
    WRONG_IN_QUERY[kind].map((value) => write([...base.filter(([other]) => other !== name), [name, value]])),
  );
  const first = fields[0]?.name ?? 'limit';
  const unsafe = ['__proto__', 'constructor'];
  const unknown = ['__proto__[polluted]', `${first}[]`, `${first}[$gt]`, 'role', 'ownerId', 'userId'];
  const names = [...unsafe, ...(takesUnknown ? [] : unknown)];
  return [...fieldCases, ...names.map((name) => write([...base, [name, '1']]))];
}

/** What may stand in a path instead of an id. */
export const WRONG_PATH_IDS = [
  'x',
  'null',
  '__proto__',
  'constructor',
  '%00',
  '%ED%A0%80',
  '%',
  '..%2f..%2fpackage.json',
  '%2e%2e%2f%2e%2e%2fpackage.json',
  '..%5c..%5cpackage.json',
  '.env',
  '%7B01938f5e-0000-7000-8000-000000000000%7D',
  "1'%20OR%20'1'='1",
  '01938f5e000070008000000000000000',
  '%F0%9F%98%80',
  'x'.repeat(10_001),
];

/** Bodies that are refused before anybody looks at what they say. */
export const BROKEN_BODIES: readonly { what: string; body: string | Buffer; headers?: Record<string, string> }[] = [
  { what: 'half an object', body: '{"a"' },
  { what: 'a comma too many', body: '{"a":1,}' },
  { what: 'two values', body: '{} {}' },
  { what: 'a NUL', body: '{"a":1}\0' },
  { what: 'a bare word', body: 'undefined' },
  { what: 'bytes that are not UTF-8', body: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]) },
  { what: '64 KB and one byte', body: JSON.stringify({ a: 'x'.repeat(MAX_BODY_BYTES + 1 - 8) }) },
  { what: '30 000 deep', body: '['.repeat(30_000) + ']'.repeat(30_000) },
  { what: '40 000 deep', body: '{"a":'.repeat(13_000) + '['.repeat(300) },
  { what: '400 000 deep', body: '['.repeat(400_000) + ']'.repeat(400_000) },
  {
    what: '10 000 keys',
    body: JSON.stringify(Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`k${i}`, 1]))),
  },
  { what: 'plain text', body: 'a=1', headers: { 'content-type': 'text/plain' } },
  { what: 'a form', body: 'a=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
  { what: 'form data', body: '--x--', headers: { 'content-type': 'multipart/form-data; boundary=x' } },
  { what: 'UTF-16', body: '{}', headers: { 'content-type': 'application/json; charset=utf-16' } },
  { what: 'gzip', body: '{}', headers: { 'content-encoding': 'gzip' } },
];

/** JSON that is valid and no object. */
export const NO_OBJECTS: readonly unknown[] = [[], [{}], [[]], 'text', 12, true, null];

function deep(levels: number): unknown {
  return JSON.parse('['.repeat(levels) + ']'.repeat(levels));
}

const cursor = (...parts: unknown[]): string => Buffer.from(JSON.stringify(parts)).toString('base64url');

/** Texts that may be refused or taken, but not break anything. */
const ODD_BUT_LEGAL: readonly string[] = [
  "'; DROP TABLE users; --",
  '%_\\',
  '" or (:* & ! | <->',
  "' \\",
  'or',
  '😀',
  '\u202eabc\ufeff',
  '\r\n\nevent: forged\ndata: {}\n\n',
  '<script>alert(1)</script>',
  '=HYPERLINK("x")',
  `${'a'.repeat(200)}!`,
  'http://127.0.0.1/x',
  'a@b.co',
];

/** Cursors that we never made. */
const FORGED_CURSORS: readonly string[] = [
  'x',
  cursor(),
  cursor('x'),
  cursor('x', 'y'),
  cursor('before', '1e300'),
  cursor('before', '-1'),
  cursor('after', '9007199254740991'),
  cursor('after', ''),
  cursor('0000-01-01T00:00:00Z', randomUUID()),
  cursor('-200000-01-01T00:00:00.000Z', randomUUID()),
  cursor('+275000-01-01T00:00:00.000Z', randomUUID()),
  cursor(randomUUID()),
  cursor(randomUUID().toUpperCase()),
  cursor(1, 2),
  cursor(null, null),
];

const ODD_NUMBERS: readonly number[] = [0, 1, 2 ** 31 - 1, 2 ** 31];

/** Sets each field to what is odd and may still be right. */
export function withOddFields(good: Readonly<Record<string, unknown>>, fields: readonly Field[]): object[] {
  const values = {
    text: ODD_BUT_LEGAL,
    id: [],
    ids: [[]],
    texts: [[]],
    number: ODD_NUMBERS,
    boolean: [false, true],
    object: [{}],
  };
  return fields.flatMap(({ name, kind, isOptional }) => {
    const odd = name === 'cursor' ? FORGED_CURSORS : values[kind];
    return [...odd, ...(isOptional ? [null, undefined] : [])].map((value) => ({ ...good, [name]: value }));
  });
}
