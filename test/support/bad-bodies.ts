/** Bodies that no route with the required or optional text field `field` may accept; each with a name for the test's title. */
export function badTexts(field: string, longest: number, rest: object = {}): [name: string, body: string][] {
  const withValue = (json: string) => {
    const others = JSON.stringify(rest).slice(1, -1);
    return `{${others ? `${others},` : ''}${JSON.stringify(field)}:${json}}`;
  };
  return [
    ['a number', withValue('7')],
    ['an array', withValue('["a"]')],
    ['an object', withValue('{"contains":""}')],
    ['true', withValue('true')],
    ['blanks only', withValue('" \\n "')],
    ['a NUL', withValue('"a\\u0000b"')],
    ['half a surrogate pair', withValue('"a\\ud800b"')],
    ['too long a text', withValue(JSON.stringify('x'.repeat(longest + 1)))],
  ];
}

/** Bodies that no route at all may accept. */
export const BAD_BODIES: [name: string, body: string][] = [
  ['no JSON', '{"name":'],
  ['an array', '[]'],
  ['a text', '"text"'],
  ['null', 'null'],
  ['an unknown key', '{"surprise":1}'],
  ['__proto__', '{"__proto__":{"name":"x"}}'],
  ['constructor', '{"constructor":{"prototype":{}}}'],
  ["somebody's owner id", '{"ownerId":"00000000-0000-7000-8000-000000000000"}'],
  ['30 000 levels', `{"name":${'['.repeat(30_000)}${']'.repeat(30_000)}}`],
];
