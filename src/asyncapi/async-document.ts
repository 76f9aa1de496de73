import type { INestApplication } from '@nestjs/common';
import { COMMON_REFUSALS, type CommandEntry, type EventEntry } from '../gateway/contract/entries.js';
import { LIVE_DOORS, type LiveDoor } from '../gateway/contract/doors.js';
import { ASYNC_DESCRIPTION, SECURITY_SCHEMES, SERVERS } from './async-texts.js';
import { schemaComponents, type Schema } from './schema-components.js';

interface Reference {
  $ref: string;
}

export interface AsyncMessage {
  name: string;
  title: string;
  summary?: string;
  payload: Schema;
  examples: { payload: object }[];
}

interface Channel {
  address: string;
  title: string;
  description: string;
  servers: Reference[];
  parameters?: Record<string, { description: string }>;
  messages: Record<string, Reference>;
}

interface Operation {
  action: 'send' | 'receive';
  channel: Reference;
  title: string;
  summary: string;
  security: Reference[];
  messages: Reference[];
  reply?: { channel: Reference; messages: Reference[] };
}

export interface AsyncDocument {
  asyncapi: string;
  info: object;
  defaultContentType: string;
  servers: object;
  channels: Record<string, Channel>;
  operations: Record<string, Operation>;
  components: {
    messages: Record<string, AsyncMessage>;
    schemas: Record<string, Schema>;
    securitySchemes: object;
  };
}

type AnyCommand = CommandEntry<object, object | null>;

const ref = (...path: string[]): Reference => ({ $ref: `#/${path.join('/')}` });
/** Colons may not stand in keys. */
const key = (...parts: string[]): string => parts.join('.').replaceAll(':', '.');
const schemaRef = ({ name }: { name: string }): Schema => ({ ...ref('components', 'schemas', name) });

/** The AsyncAPI 3 description of every door that stays open, from the catalogues in src/gateway/contract. */
export function createAsyncDocument(app: INestApplication, version: string): AsyncDocument {
  const document: AsyncDocument = {
    asyncapi: '3.0.0',
    info: { title: 'Parley, live', version, description: ASYNC_DESCRIPTION, license: { name: 'All rights reserved' } },
    defaultContentType: 'application/json',
    servers: SERVERS,
    channels: {},
    operations: {},
    components: { messages: {}, schemas: schemaComponents(app), securitySchemes: SECURITY_SCHEMES },
  };
  for (const door of LIVE_DOORS) addDoor(document, door);
  return document;
}

function addDoor(document: AsyncDocument, door: LiveDoor): void {
  const { id, title, address, protocol, description, commands = {}, takes = {}, says } = door;
  const parameters = Object.fromEntries(
    [...address.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [name, { description: 'The id of the conversation.' }]),
  );
  document.channels[id] = {
    address,
    title,
    description,
    servers: [ref('servers', SERVER_OF[protocol])],
    ...(Object.keys(parameters).length > 0 ? { parameters } : {}),
    messages: {},
  };
  for (const [name, entry] of Object.entries(commands)) addCommand(document, door, name, entry);
  for (const [name, entry] of Object.entries(takes)) addFrame(document, door, 'receive', name, entry);
  for (const [name, entry] of Object.entries(says)) addFrame(document, door, 'send', name, entry);
}

const SERVER_OF = { 'socket.io': 'socketio', http: 'http', ws: 'websocket' } as const;

function addFrame(
  document: AsyncDocument,
  door: LiveDoor,
  action: Operation['action'],
  name: string,
  { payload, to, example }: EventEntry<object>,
): void {
  // What is said at several doors alike is written down once.
  const isShared = action === 'send' && ['chat', 'sessionStream', 'roomStream'].includes(door.id);
  const messageKey = isShared ? key('event', name) : key(door.id, action === 'send' ? 'says' : 'takes', name);
  const message = {
    name,
    title: name,
    summary: `To ${to}.`,
    payload: schemaRef(payload),
    examples: [{ payload: example }],
  };
  document.operations[key(door.id, action, name)] = {
    action,
    channel: ref('channels', door.id),
    title: name,
    summary: `To ${to}.`,
    security: securityOf(door),
    messages: [addMessage(document, door, messageKey, message)],
  };
}

function addCommand(document: AsyncDocument, door: LiveDoor, name: string, entry: AnyCommand): void {
  const exchanges = Object.values(entry.examples);
  const summary = `${entry.does[0]?.toUpperCase()}${entry.does.slice(1)}.`;
  const asked = addMessage(document, door, key('command', name), {
    name,
    title: name,
    summary,
    payload: schemaRef(entry.input),
    examples: exchanges.map(({ send }) => ({ payload: send })),
  });
  const done = addMessage(document, door, key('ack', name), {
    name: `${name} done`,
    title: `The ack of ${name}`,
    payload: ackSchema(document.components.schemas, entry),
    examples: exchanges.map(({ ack }) => ({ payload: { ok: true, ...ack } })),
  });
  const codes = [...new Set([...COMMON_REFUSALS, ...entry.errors])].sort();
  const refused = addMessage(document, door, key('refusal', name), {
    name: `${name} refused`,
    title: `The ack of ${name} when it is refused`,
    payload: {
      type: 'object',
      required: ['ok', 'error'],
      properties: {
        ok: { const: false },
        error: { allOf: [ref('components', 'schemas', 'WireErrorResponse')], properties: { code: { enum: codes } } },
      },
    },
    examples: [
      { payload: { ok: false, error: { code: 'RATE_LIMITED', message: 'Too many requests; wait a little.' } } },
    ],
  });
  document.operations[key('command', name)] = {
    action: 'receive',
    channel: ref('channels', door.id),
    title: name,
    summary,
    security: securityOf(door),
    messages: [asked],
    reply: { channel: ref('channels', door.id), messages: [done, refused] },
  };
}

/** `ok: true`, and what the command's class has. */
function ackSchema(schemas: Record<string, Schema>, { ack }: AnyCommand): Schema {
  const own = ack ? schemas[ack.name] : undefined;
  return {
    type: 'object',
    required: ['ok', ...(own?.required ?? [])],
    properties: { ok: { const: true }, ...own?.properties },
  };
}

function addMessage(document: AsyncDocument, { id }: LiveDoor, messageKey: string, message: AsyncMessage): Reference {
  document.components.messages[messageKey] = message;
  document.channels[id]!.messages[messageKey] = ref('components', 'messages', messageKey);
  return ref('channels', id, 'messages', messageKey);
}

function securityOf({ security }: LiveDoor): Reference[] {
  return security.map((name) => ref('components', 'securitySchemes', name));
}
