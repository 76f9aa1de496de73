// Writes docs/postman.json from docs/openapi.json and the story of postman-story.mjs; with --check tells whether it is what it should be.
import { readFileSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import converter from 'openapi-to-postmanv2';
import { STORY, VARIABLES } from './postman-story.mjs';

const source = new URL('../../docs/openapi.json', import.meta.url);
const target = new URL('../../docs/postman.json', import.meta.url);

const text = readFileSync(source, 'utf8');
const operations = operationsOf(JSON.parse(text));
const requests = await convert(text);

const told = new Set(Object.values(STORY).flatMap((steps) => steps.map(({ operation }) => operation)));
const untold = [...operations.keys()].filter((operation) => !told.has(operation));
if (untold.length > 0) throw new Error(`src/cli/postman-story.mjs lacks a step for ${untold.join(', ')}`);

const collection = {
  info: {
    name: 'Parley',
    description:
      'Every route of Parley, in an order that runs from top to bottom against a fresh server: set `baseUrl` and start the collection runner.',
    schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
  },
  auth: bearer('accessToken'),
  variable: Object.entries(VARIABLES).map(([key, value]) => ({ key, value })),
  item: Object.entries(STORY).map(([name, steps]) => ({ name, item: steps.map(toItem) })),
};
const output = `${JSON.stringify(collection, null, 2)}\n`;

if (!process.argv.includes('--check')) writeFileSync(target, output);
else if (readFileSync(target, 'utf8') !== output) {
  console.error('docs/postman.json is out of date: npm run docs:api');
  process.exitCode = 1;
}

function operationsOf({ paths }) {
  const entries = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => [operation.operationId, { path, method, ...operation }]),
  );
  return new Map(entries);
}

/** The converter's requests by method and path. */
async function convert(data) {
  const run = promisify(converter.convertV2.bind(converter));
  const { result, reason, output: documents } = await run({ type: 'string', data }, { folderStrategy: 'Tags' });
  if (!result) throw new Error(reason);
  const leaves = (items) => items.flatMap((item) => (item.item ? leaves(item.item) : [item.request]));
  return new Map(
    leaves(documents[0].data.item).map((request) => [`${request.method} /${request.url.path.join('/')}`, request]),
  );
}

function toItem(step) {
  const operation = operations.get(step.operation);
  if (!operation) throw new Error(`There is no operation ${step.operation}`);
  const { path, method } = operation;
  const request = requests.get(`${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`);
  const event = [{ listen: 'test', script: { type: 'text/javascript', exec: testsOf(step, operation) } }];
  const before = preparationOf(step);
  if (before.length > 0) event.unshift({ listen: 'prerequest', script: { type: 'text/javascript', exec: before } });
  return {
    name: operation.summary,
    event,
    request: {
      method: request.method,
      ...(operation.description ? { description: operation.description } : {}),
      ...authOf(step, operation),
      header: headersOf(step, request),
      url: urlOf(step, request.url),
      ...(step.body
        ? { body: { mode: 'raw', raw: JSON.stringify(step.body, null, 2), options: { raw: { language: 'json' } } } }
        : {}),
    },
    protocolProfileBehavior: { followRedirects: false },
  };
}

function authOf({ token }, { security }) {
  if (token) return { auth: bearer(token) };
  const isOpen = security && !security.some((scheme) => 'bearer' in scheme);
  return isOpen ? { auth: { type: 'noauth' } } : {};
}

function bearer(variable) {
  return { type: 'bearer', bearer: [{ key: 'token', value: `{{${variable}}}`, type: 'string' }] };
}

/** What the story sends, then what could be sent, switched off. */
function headersOf({ headers = {}, body }, request) {
  const sent = { ...(body ? { 'Content-Type': 'application/json' } : {}), ...headers };
  const others = (request.header ?? []).filter(
    ({ key }) => !(key in sent) && key !== 'Content-Type' && key !== 'Accept',
  );
  return [
    ...Object.entries(sent).map(([key, value]) => ({ key, value })),
    ...others.map(({ key, description }) => ({ key, value: '', description: description?.content, disabled: true })),
  ];
}

function urlOf({ id, path = {}, query = {} }, url) {
  const parameters = (url.query ?? []).map(({ key, description }) => ({
    key,
    value: query[key] ?? '',
    description: description?.content,
    disabled: !(key in query),
  }));
  return {
    raw: `{{baseUrl}}/${url.path.join('/')}`,
    host: ['{{baseUrl}}'],
    path: url.path,
    ...(parameters.length > 0 ? { query: parameters } : {}),
    ...(id
      ? {
          variable: [
            { key: (url.variable ?? [])[0]?.key, value: `{{${id}}}` },
            ...Object.entries(path).map(([key, value]) => ({ key, value })),
          ],
        }
      : {}),
  };
}

function preparationOf({ operation, pause }) {
  if (operation === 'register') return ["pm.collectionVariables.set('email', 'ada.' + Date.now() + '@example.org');"];
  return pause ? [`setTimeout(() => undefined, ${pause});`] : [];
}

function testsOf({ status, keep = {}, check = [] }, { responses }) {
  const expected =
    status ??
    Object.keys(responses)
      .filter((code) => code < 300)
      .map(Number);
  const isJson =
    Object.values(keep).some((value) => value.includes('answer.')) || check.some((line) => line.includes('answer'));
  return [
    `pm.test('answers ${expected.join(' or ')}', () => pm.expect(pm.response.code).to.be.oneOf(${JSON.stringify(expected)}));`,
    'const text = pm.response.text();',
    ...(isJson ? ['const answer = pm.response.json();'] : []),
    ...Object.entries(keep).map(([name, value]) => `pm.collectionVariables.set('${name}', ${value});`),
    ...check.map((line) => `pm.test('holds what it should', () => { ${line} });`),
  ];
}
