import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { EventEntry } from '../gateway/contract/entries.js';
import { LIVE_DOORS } from '../gateway/contract/doors.js';
import { applyConventions } from '../openapi/schema-conventions.js';

export interface Schema {
  [keyword: string]: unknown;
  type?: string | string[];
  required?: string[];
  properties?: Record<string, Schema>;
}

type Schemas = Record<string, Schema>;

/** The schemas of all that is said at live doors, by class name: the same as in the description of the REST routes. */
export function schemaComponents(app: INestApplication): Schemas {
  const used = LIVE_DOORS.flatMap(({ commands = {}, takes = {}, says }) => [
    ...Object.values(commands).flatMap(({ input, ack }) => (ack ? [input, ack] : [input])),
    ...[...Object.values(takes), ...Object.values(says)].map(({ payload }: EventEntry<object>) => payload),
  ]);
  const base = new DocumentBuilder().setOpenAPIVersion('3.1.0').build();
  const document = SwaggerModule.createDocument(app, base, { extraModels: [...new Set(used)] });
  applyConventions(document);
  const all = (document.components?.schemas ?? {}) as Schemas;
  const names = new Set<string>();
  for (const { name } of used) addWithNeeded(name, all, names);
  return Object.fromEntries([...names].sort().map((name) => [name, withoutExample(all[name])]));
}

function addWithNeeded(name: string, all: Schemas, names: Set<string>): void {
  if (names.has(name)) return;
  names.add(name);
  for (const [, needed = ''] of JSON.stringify(all[name] ?? {}).matchAll(/"#\/components\/schemas\/(\w+)"/g))
    addWithNeeded(needed, all, names);
}

/** The keyword is one of OpenAPI. */
function withoutExample(schema: Schema = { type: 'object' }): Schema {
  const { example: _, ...rest } = schema;
  return rest;
}
