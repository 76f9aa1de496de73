import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

interface Parser {
  loadAll(text: string): unknown[];
}

/** Every document of a YAML text, read by the parser that the AsyncAPI tools bring. @throws when it is not YAML */
export function readYaml(text: string): unknown[] {
  const parser = createRequire(require.resolve('@asyncapi/parser'))('js-yaml') as Parser;
  return parser.loadAll(text);
}
