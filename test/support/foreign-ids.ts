/** What an outsider may try in the place of an id to reach somebody else's thing: the id itself and everything that may turn into it. */
export function variantsOf(id: string): unknown[] {
  const json = JSON.stringify(id);
  return [
    id,
    id.toUpperCase(),
    ` ${id}`,
    `${id}\0`,
    `${id}/`,
    `{${id}}`,
    `urn:uuid:${id}`,
    id.replaceAll('-', ''),
    [id],
    [[id]],
    [id, id],
    { id },
    { [id]: id },
    { equals: id },
    { contains: '' },
    { in: [id] },
    { not: '' },
    { toString: id },
    { length: 36 },
    // A literal would set the prototype; JSON makes a key of its own.
    JSON.parse(`{"__proto__":{"id":${json}}}`) as object,
    JSON.parse(`{"__proto__":${json},"constructor":{"prototype":{"id":${json}}}}`) as object,
    '__proto__',
    'constructor',
    'null',
    '*',
    '%',
    '',
    0,
    true,
    null,
  ];
}
