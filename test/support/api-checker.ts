import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

interface Schema {
  [keyword: string]: unknown;
}

interface Answer {
  headers?: Record<string, unknown>;
  content?: Record<string, { schema: Schema }>;
}

export interface Operation {
  operationId: string;
  tags: string[];
  security?: object[];
  parameters: { name?: string; in?: string }[];
  requestBody?: object;
  responses: Record<string, { $ref?: string } & Answer>;
}

export interface ApiDocument {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema>; responses: Record<string, Answer> };
}

export interface Call {
  /** What fills the `{…}` of the path. */
  id?: string;
  /** The second id of a path. */
  userId?: string;
  emoji?: string;
  query?: Record<string, string>;
  token?: string | null;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Checked<T> {
  status: number;
  headers: Headers;
  body: T;
  text: string;
}

/** Headers that are promised one by one; the others are the same for all of HTTP. */
const PROMISED = [
  ...['x-next-cursor', 'link', 'idempotent-replayed', 'retry-after', 'www-authenticate'],
  ...['location', 'content-disposition'],
];

/** Talks to a server and holds every answer against the API document, closed: a field or status that it does not name is wrong. */
export class ApiChecker {
  readonly document: ApiDocument;
  /** The statuses that were seen, by operation. */
  readonly seen = new Map<string, Set<number>>();
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true });

  constructor(
    private readonly url: string,
    file: URL,
  ) {
    this.document = JSON.parse(readFileSync(file, 'utf8')) as ApiDocument;
    addFormats.default(this.ajv);
    for (const schema of Object.values(this.document.components.schemas))
      if (schema['properties'] !== undefined) schema['additionalProperties'] ??= false;
    this.ajv.addSchema(this.document, 'api');
  }

  operations(): { method: string; path: string; operation: Operation }[] {
    return Object.entries(this.document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
    );
  }

  /** What is wrong with a value of the named schema; null when nothing is. */
  problemsOf(schema: string, value: unknown): string | null {
    const validate = this.validatorAt(['components', 'schemas', schema]);
    return validate(value) ? null : this.ajv.errorsText(validate.errors);
  }

  /** @throws Error when the answer is not as documented */
  async call<T = Record<string, unknown>>(method: string, path: string, call: Call = {}): Promise<Checked<T>> {
    const operation = this.document.paths[path]?.[method.toLowerCase()];
    if (!operation) throw new Error(`${method} ${path} is not documented`);
    const { id = '', userId = id, emoji = '👍', query = {}, token, body, headers = {} } = call;
    const url = new URL(
      path
        .replace(/\{userId\}/, userId)
        .replace(/\{emoji\}/, encodeURIComponent(emoji))
        .replace(/\{\w+\}/, id),
      this.url,
    );
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: {
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const parsed = this.check(operation, `${method} ${path}`, response, text);
    const statuses = this.seen.get(operation.operationId) ?? new Set();
    this.seen.set(operation.operationId, statuses.add(response.status));
    return { status: response.status, headers: response.headers, body: parsed as T, text };
  }

  private check(operation: Operation, name: string, response: Response, text: string): unknown {
    const { status } = response;
    const where = `${name} answered ${status}`;
    const documented = operation.responses[status];
    if (!documented) throw new Error(`${where}, which is not documented: ${text.slice(0, 500)}`);
    const [, component] = /^#\/components\/responses\/(.+)$/.exec(documented.$ref ?? '') ?? [];
    const answer = component === undefined ? documented : this.document.components.responses[component];
    const named = new Set(Object.keys(answer?.headers ?? {}).map((header) => header.toLowerCase()));
    for (const header of PROMISED)
      if (response.headers.has(header) && !named.has(header))
        throw new Error(`${where} with the header ${header}, which is not documented`);
    if (!response.headers.has('x-request-id')) throw new Error(`${where} without a request id`);
    if (text === '' || (status >= 300 && status < 400)) return undefined;

    const type = response.headers.get('content-type')?.split(';')[0] ?? '';
    if (answer?.content?.[type] === undefined) throw new Error(`${where} as ${type}, which is not documented`);
    if (type !== 'application/json') return text;
    const body: unknown = JSON.parse(text);
    const place =
      component === undefined
        ? ['paths', name.split(' ')[1] ?? '', name.split(' ')[0]?.toLowerCase() ?? '', 'responses', String(status)]
        : ['components', 'responses', component];
    const validate = this.validatorAt([...place, 'content', type, 'schema']);
    if (!validate(body))
      throw new Error(`${where}: ${this.ajv.errorsText(validate.errors)} in ${text.slice(0, 1_000)}`);
    return body;
  }

  private validatorAt(place: string[]): ValidateFunction {
    const pointer = place.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
    const validate = this.ajv.getSchema(`api#/${pointer}`);
    if (!validate) throw new Error(`There is no schema at ${pointer}`);
    return validate;
  }
}
