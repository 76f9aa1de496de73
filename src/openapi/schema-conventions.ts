import type { OpenAPIObject, ReferenceObject, SchemaObject } from '@nestjs/swagger';
import { EXAMPLES } from './examples.js';

/** Names that look like ids of ours and are not: chosen by clients, providers or the socket library. */
const FOREIGN_IDS = new Set(['ModelResponse.id', 'clientMessageId', 'requestId', 'connectionId']);

/** Says in every schema what the names of our fields promise, so that DTOs need not repeat it. */
export function applyConventions(document: OpenAPIObject): void {
  for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) {
    if (isReference(schema)) continue;
    describeFields(name, schema);
    if (EXAMPLES[name]) schema.example = EXAMPLES[name];
  }
}

function describeFields(schemaName: string, schema: SchemaObject): void {
  for (const [field, property] of Object.entries(schema.properties ?? {})) {
    if (isReference(property)) continue;
    makeWhole(property);
    if (property.enum) property.enum = [...(property.enum as string[])].sort();
    if (!isText(property) || property.format) continue;
    if (/At$|^timestamp$/.test(field)) property.format = 'date-time';
    else if (/^id$|Id$/.test(field) && !FOREIGN_IDS.has(field) && !FOREIGN_IDS.has(`${schemaName}.${field}`))
      property.format = 'uuid';
  }
}

/** Every number on our wires is a whole one, unless it says that it is not. */
export function makeWhole(schema: SchemaObject): void {
  if (schema.format === 'double') return;
  const whole = (type: string) => (type === 'number' ? 'integer' : type);
  const { type } = schema as { type?: string | string[] };
  if (type === undefined) return;
  (schema as { type: string | string[] }).type = Array.isArray(type) ? type.map(whole) : whole(type);
}

function isText({ type }: { type?: string | string[] }): boolean {
  return type === 'string' || (Array.isArray(type) && type.includes('string'));
}

export function isReference<T extends object>(value: T | ReferenceObject): value is ReferenceObject {
  return '$ref' in value;
}
