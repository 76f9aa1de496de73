import type {
  ComponentsObject,
  OpenAPIObject,
  OperationObject,
  ParameterObject,
  ReferenceObject,
  ResponseObject,
} from '@nestjs/swagger';
import type { ErrorCode } from '../common/errors/error-catalogue.js';
import { PUBLIC_EXTENSION, ROLE_EXTENSION } from '../common/http/access.decorators.js';
import { ERROR_CODES_EXTENSION } from '../common/http/api-errors.decorator.js';
import { API_V1_ERRORS, ERROR_SCHEMA, NATIVE_ERRORS, errorResponses } from './error-responses.js';
import { applyConventions, isReference, makeWhole } from './schema-conventions.js';

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;
type Method = (typeof METHODS)[number];
type Operation = OperationObject & Record<`x-${string}`, unknown>;

const text = (description: string, rest: object = {}) => ({ description, schema: { type: 'string', ...rest } });
const SHARED_HEADERS = {
  'X-Request-Id': text("The request's own `X-Request-Id` when it is 1 to 64 of `A-Za-z0-9_.-`, else a new one."),
  'X-Next-Cursor': text('Where the next page begins; absent on the last one.'),
  Link: text('The address of the next page with `rel="next"`; absent on the last one.'),
  'Idempotent-Replayed': text('`true` when this is the answer to an earlier request with the same key.', {
    enum: ['true'],
  }),
  'Retry-After': { description: 'Seconds until it makes sense to try again.', schema: { type: 'integer', minimum: 1 } },
  'WWW-Authenticate': text('How to sign in.', { enum: ['Bearer'] }),
} as const;
type SharedHeader = keyof typeof SHARED_HEADERS;

const IDEMPOTENCY_KEY: ParameterObject = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: '1 to 255 printable ASCII characters of your choice; a repetition with the same key does nothing again.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

/** Adds to the document what every route of a kind has in common: failures, headers, who may come in. */
export function completeDocument(document: OpenAPIObject): OpenAPIObject {
  applyConventions(document);
  const components = (document.components ??= {});
  components.schemas = { ...components.schemas, Error: ERROR_SCHEMA };
  components.headers = { ...SHARED_HEADERS };
  components.parameters = { 'Idempotency-Key': IDEMPOTENCY_KEY };
  const taken = new Map<string, string>();
  for (const [path, item] of Object.entries(document.paths))
    for (const method of METHODS) {
      const operation = item[method] as Operation | undefined;
      if (operation) completeOperation(components, operation, method, path, taken);
    }
  return document;
}

function completeOperation(
  components: ComponentsObject,
  operation: Operation,
  method: Method,
  path: string,
  taken: Map<string, string>,
): void {
  name(operation, method, path, taken);
  splitText(operation);
  completeParameters(operation);
  const role = operation[ROLE_EXTENSION];
  const isPublic = operation[PUBLIC_EXTENSION] === true;
  if (isPublic && operation.security === undefined) operation.security = [];
  const codes = [...commonCodes(operation, method), ...((operation[ERROR_CODES_EXTENSION] as ErrorCode[]) ?? [])];
  const dialect = operation.tags?.includes('api/v1') ? API_V1_ERRORS : NATIVE_ERRORS;
  delete operation[PUBLIC_EXTENSION];
  delete operation[ERROR_CODES_EXTENSION];
  if (typeof role === 'string')
    operation.description = sentences(operation.description, `For people of role \`${role}\`.`);

  for (const [status, response] of Object.entries(operation.responses)) {
    if (response === undefined || isReference(response)) continue;
    response.description ||= Number(status) === 204 ? 'Done.' : 'As asked.';
    addHeaders(response, 'X-Request-Id', ...(Number(status) < 300 ? successHeaders(operation) : []));
    if (status === '503') addHeaders(response, 'Retry-After');
  }
  for (const [status, failure] of Object.entries(errorResponses(components, codes, dialect)))
    operation.responses[status] ??= failure;
}

/** Two addresses of one handler are two operations. */
function name(operation: Operation, method: Method, path: string, taken: Map<string, string>): void {
  const id = (operation.operationId ?? '').replace(/\[\d+\]$/, '');
  const first = taken.get(id);
  if (first !== undefined) operation.description = sentences(operation.description, `The same as \`${first}\`.`);
  else taken.set(id, `${method.toUpperCase()} ${path}`);
  operation.operationId = first === undefined ? id : `${id}Alias`;
}

/** The first sentence of a handler's comment is its title, the rest describes it. */
function splitText(operation: Operation): void {
  const [, title, rest] = /^(.+?[^.])\.?(?:\s(?<=\.\s)(.+))?$/s.exec(operation.summary ?? '') ?? [];
  operation.summary = title;
  operation.description = sentences(rest, operation.description);
}

function completeParameters(operation: Operation): void {
  const own = (operation.parameters ?? []).filter((parameter): parameter is ParameterObject => !isReference(parameter));
  for (const parameter of own) {
    if (parameter.schema && !isReference(parameter.schema)) {
      makeWhole(parameter.schema);
      if (parameter.schema.default !== undefined) parameter.required = false;
    }
    if (parameter.in === 'path') {
      parameter.schema = { type: 'string', format: 'uuid' };
      parameter.description ??= 'Its id.';
    }
  }
  const isKey = (parameter: ParameterObject) => parameter.name.toLowerCase() === 'idempotency-key';
  const rest: (ParameterObject | ReferenceObject)[] = own.filter((parameter) => !isKey(parameter));
  if (own.some(isKey)) rest.push({ $ref: '#/components/parameters/Idempotency-Key' });
  operation.parameters = rest;
}

function takes(operation: Operation, name: string): boolean {
  return (operation.parameters ?? []).some((parameter) =>
    isReference(parameter) ? parameter.$ref.endsWith(`/${name}`) : parameter.name === name,
  );
}

/** What goes wrong with any route that looks like this one. */
function commonCodes(operation: Operation, method: Method): ErrorCode[] {
  const codes: ErrorCode[] = ['ORIGIN_NOT_ALLOWED', 'RATE_LIMITED', 'INTERNAL'];
  const isAboutTheProcess = operation.tags?.some((tag) => tag === 'operations' || tag === 'pages');
  if (!isAboutTheProcess) codes.push('DATABASE_UNAVAILABLE');
  if (method !== 'get') codes.push('SERVER_DRAINING');
  if (operation[PUBLIC_EXTENSION] !== true) codes.push('UNAUTHORIZED', 'TOKEN_EXPIRED', 'SIGN_IN_REVOKED');
  if (operation[ROLE_EXTENSION] !== undefined) codes.push('FORBIDDEN');
  if (['post', 'put', 'patch'].includes(method))
    codes.push('INVALID_JSON', 'VALIDATION_FAILED', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE');
  if (operation.parameters?.some((parameter) => !isReference(parameter) && parameter.in === 'query'))
    codes.push('VALIDATION_FAILED');
  if (takes(operation, 'cursor')) codes.push('INVALID_CURSOR');
  if (takes(operation, 'Idempotency-Key'))
    codes.push('INVALID_IDEMPOTENCY_KEY', 'IDEMPOTENCY_KEY_REUSED', 'SERVER_BUSY');
  return codes;
}

function successHeaders(operation: Operation): SharedHeader[] {
  return [
    ...(takes(operation, 'cursor') ? (['X-Next-Cursor', 'Link'] as const) : []),
    ...(takes(operation, 'Idempotency-Key') && !streams(operation) ? (['Idempotent-Replayed'] as const) : []),
  ];
}

function streams({ tags }: Operation): boolean {
  return tags?.includes('streams') === true;
}

function addHeaders(response: ResponseObject, ...names: SharedHeader[]): void {
  for (const header of names)
    response.headers = { ...response.headers, [header]: { $ref: `#/components/headers/${header}` } };
}

function sentences(...parts: (string | undefined)[]): string | undefined {
  return parts.filter(Boolean).join('\n\n') || undefined;
}
