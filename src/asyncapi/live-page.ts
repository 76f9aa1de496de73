import type { ErrorCode } from '../common/errors/error-catalogue.js';
import { LIVE_DOORS } from '../gateway/contract/doors.js';
import { CLIENT_COMMANDS } from '../gateway/contract/client-events.js';
import { CONNECTION_EVENTS, STREAM_EVENTS } from '../gateway/contract/connection-events.js';
import type { CommandEntry, EventEntry, Exchange, Subject } from '../gateway/contract/entries.js';
import { ROOM_EVENTS } from '../gateway/contract/room-events.js';
import { SESSION_EVENTS } from '../gateway/contract/session-events.js';
import type { Schema } from './schema-components.js';

type Schemas = Readonly<Record<string, Schema>>;
type Events = Readonly<Record<string, EventEntry<object>>>;
type AnyCommand = CommandEntry<object, object | null>;

const EVENTS_OF: Readonly<Record<Subject, Events>> = {
  connection: CONNECTION_EVENTS,
  sessions: SESSION_EVENTS,
  rooms: ROOM_EVENTS,
};

/** Parts of the page that are written from the catalogues, by name. */
const PARTS: Readonly<Record<string, (schemas: Schemas) => string>> = {
  ...partsOf('connection'),
  ...partsOf('sessions'),
  ...partsOf('rooms'),
  'events of streams': (schemas) => eventTable(schemas, STREAM_EVENTS),
  ...Object.fromEntries(
    LIVE_DOORS.filter(({ commands }) => !commands).map(({ id, says, takes = {} }) => [
      `frames of ${id}`,
      () => examplesOf({ ...prefixed('> ', takes), ...prefixed('< ', says) }),
    ]),
  ),
};

function partsOf(subject: Subject): typeof PARTS {
  return {
    [`commands of ${subject}`]: (schemas) => commandTable(schemas, subject),
    [`events of ${subject}`]: (schemas) => eventTable(schemas, EVENTS_OF[subject]),
    [`example commands of ${subject}`]: () => commandExamples(subject),
    [`example events of ${subject}`]: () => examplesOf(EVENTS_OF[subject]),
  };
}

/** Writes the parts of docs/WEBSOCKET_API.md that come from the catalogues anew. @throws Error when a mark names none */
export function fillLivePage(page: string, schemas: Schemas): string {
  return page.replaceAll(
    /(<!-- (.+?), from the code -->\n)[\s\S]*?(<!-- end -->)/g,
    (_all, begin: string, name: string, end: string) => {
      const part = PARTS[name];
      if (!part) throw new Error(`docs/WEBSOCKET_API.md asks for ${name}, which there is not`);
      return `${begin}\n${part(schemas)}\n\n${end}`;
    },
  );
}

function commandsOf(subject: Subject): [string, AnyCommand, Exchange<object, object | null>][] {
  return Object.entries(CLIENT_COMMANDS as unknown as Record<string, AnyCommand>).flatMap(([name, entry]) => {
    const exchange = entry.examples[subject];
    return exchange ? [[name, entry, exchange] as [string, AnyCommand, Exchange<object, object | null>]] : [];
  });
}

function commandTable(schemas: Schemas, subject: Subject): string {
  return table(
    ['Command', 'Payload', 'What it does', 'Ack, beside `ok`', 'Refusals of its own'],
    commandsOf(subject).map(([name, { input, ack, does, errors }, { shape }]) => [
      `\`${name}\``,
      shape ?? shapeOf(schemas, input.name),
      does,
      ack ? fieldsOf(schemas[ack.name]).map(code).join(', ') : '',
      errors
        .filter((error) => error !== FOREIGN[subject])
        .map(code)
        .join(', '),
    ]),
  );
}

/** What a command of two subjects says of the other one only. */
const FOREIGN: Partial<Record<Subject, ErrorCode>> = { sessions: 'CHAT_ROOM_NOT_FOUND', rooms: 'SESSION_NOT_FOUND' };

function eventTable(schemas: Schemas, events: Events): string {
  return table(
    ['Event', 'Payload', 'To'],
    Object.entries(events).map(([name, { payload, shape, to }]) => [
      code(name),
      shape ?? shapeOf(schemas, payload.name),
      to,
    ]),
  );
}

function commandExamples(subject: Subject): string {
  const lines = commandsOf(subject).flatMap(([name, , { send, ack }]) => [
    `> ${name} ${JSON.stringify(send)}`,
    `< ${JSON.stringify({ ok: true, ...ack })}`,
  ]);
  return fenced(lines);
}

function examplesOf(events: Events): string {
  return fenced(Object.entries(events).map(([name, { example }]) => `${name} ${JSON.stringify(example)}`));
}

const prefixed = (mark: string, events: Events): Events =>
  Object.fromEntries(Object.entries(events).map(([name, entry]) => [`${mark}${name}`, entry]));

const code = (text: string): string => `\`${text}\``;
const fenced = (lines: readonly string[]): string => ['```text', ...lines.map(withShortIds), '```'].join('\n');
const withShortIds = (line: string): string =>
  line.replaceAll(/([0-9a-f]{8}-[0-9a-f]{4})(-[0-9a-f]{4}){2}-[0-9a-f]{12}/g, '$1-…');

/** `{ a, b? }` */
const shapeOf = (schemas: Schemas, name: string): string => code(`{ ${fieldsOf(schemas[name]).join(', ')} }`);

function fieldsOf({ properties = {}, required = [] }: Schema = {}): string[] {
  const isId = (name: string) => name.endsWith('Id');
  const names = Object.keys(properties).sort((a, b) => Number(isId(b)) - Number(isId(a)));
  const optional = names.filter((name) => !required.includes(name));
  return [...names.filter((name) => required.includes(name)), ...optional.map((name) => `${name}?`)];
}

/** A table with columns of even width. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [first = [], ...rest] = cells;
  return [line(first), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rest.map(line)].join('\n');
}
