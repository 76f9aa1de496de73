import { STATUS_CODES } from 'node:http';
import type { ComponentsObject, ReferenceObject, ResponseObject, SchemaObject } from '@nestjs/swagger';
import { ERROR_CATALOGUE, type ErrorCode } from '../common/errors/error-catalogue.js';

const EXAMPLE_REQUEST_ID = '4f1c2f0e-6c1b-4c8e-9d0e-2f6a7b8c9d0e';

/** The body of every failure. */
export const ERROR_SCHEMA: SchemaObject = {
  type: 'object',
  description: 'Why a request failed.',
  required: ['statusCode', 'error', 'code', 'message', 'requestId'],
  properties: {
    statusCode: { type: 'integer', description: 'The HTTP status.' },
    error: { type: 'string', description: 'The name of the status.' },
    code: { type: 'string', description: 'Stable; what programs look at.', enum: Object.keys(ERROR_CATALOGUE).sort() },
    message: { type: 'string', description: 'For people; may change.' },
    details: {
      description: 'More about it, as the code has it; for `VALIDATION_FAILED` a list of `{ field, problems }`.',
    },
    requestId: { type: 'string', description: 'Also in `X-Request-Id` and in the log of the server.' },
  },
};

/** How a dialect spells a failure. */
export interface ErrorDialect {
  /** Sets its components apart from those of the others. */
  readonly prefix: string;
  readonly schemaOf: (codes: ErrorCode[]) => SchemaObject | ReferenceObject;
  readonly exampleOf: (code: ErrorCode) => object;
}

export const NATIVE_ERRORS: ErrorDialect = {
  prefix: '',
  schemaOf: (codes) => {
    const schema = {
      allOf: [{ $ref: '#/components/schemas/Error' }],
      properties: { code: { type: 'string', enum: codes } },
    };
    return schema as SchemaObject;
  },
  exampleOf: (code) => {
    const { status, message } = ERROR_CATALOGUE[code];
    return { statusCode: status, error: STATUS_CODES[status], code, message, requestId: EXAMPLE_REQUEST_ID };
  },
};

/** The snake_case dialect tells the status and a text. */
export const API_V1_ERRORS: ErrorDialect = {
  prefix: 'v1.',
  schemaOf: () => ({ $ref: '#/components/schemas/ApiV1Error' }),
  exampleOf: (code) => ({ error: ERROR_CATALOGUE[code].message }),
};

/** The documented answers for a set of codes, by status. Equal ones of several routes are written down once, among the components. */
export function errorResponses(
  components: ComponentsObject,
  codes: Iterable<ErrorCode>,
  dialect: ErrorDialect,
): Record<string, ReferenceObject> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of [...new Set(codes)].sort()) {
    const { status } = ERROR_CATALOGUE[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const entries = [...byStatus].map(([status, group]) => {
    const name = dialect.prefix + group.join('.');
    components.responses = { ...components.responses, [name]: errorResponse(components, status, group, dialect) };
    return [String(status), { $ref: `#/components/responses/${name}` }] as const;
  });
  return Object.fromEntries(entries);
}

function errorResponse(
  components: ComponentsObject,
  status: number,
  codes: ErrorCode[],
  { prefix, schemaOf, exampleOf }: ErrorDialect,
): ResponseObject {
  for (const code of codes)
    components.examples = { ...components.examples, [prefix + code]: { value: exampleOf(code) } };
  const examples = Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${prefix}${code}` }]));
  const description = codes.map((code) => `\`${code}\`: ${ERROR_CATALOGUE[code].message}`).join('\n\n');
  return {
    description,
    headers: headersOf(status),
    content: { 'application/json': { schema: schemaOf(codes), examples } },
  };
}

function headersOf(status: number): NonNullable<ResponseObject['headers']> {
  const names = ['X-Request-Id'];
  if (status === 401) names.push('WWW-Authenticate');
  if (status === 429 || status === 503) names.push('Retry-After');
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
