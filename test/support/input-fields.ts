import { getMetadataStorage } from 'class-validator';
import type { InputClass } from './route-table.js';

export type FieldKind = 'text' | 'id' | 'number' | 'boolean' | 'ids' | 'texts' | 'object';

/** A field of an input class, as its validators describe it. */
export interface Field {
  name: string;
  kind: FieldKind;
  /** May be left out; null may then count as left out too. */
  isOptional: boolean;
}

/** What each validator says about a field. One that is not here must be added before the matrix can judge its field. */
const KIND_OF: Record<string, FieldKind | null> = {
  isText: 'text',
  isEmoji: 'text',
  isEmail: 'text',
  isIn: 'text',
  isUrl: 'text',
  isString: 'text',
  isNewPassword: 'text',
  matches: 'text',
  maxLength: null,
  isUuid: 'id',
  isInt: 'number',
  min: null,
  max: null,
  isBoolean: 'boolean',
  isArray: 'ids',
  isChoices: 'texts',
  isTags: 'texts',
  isObject: 'object',
  nestedValidation: null,
  arrayMaxSize: null,
  arrayMinSize: null,
  arrayUnique: null,
};

/** The fields of an input class, inherited ones too, from the metadata that its validators left. */
export function fieldsOf(type: InputClass): Field[] {
  const fields = new Map<string, Field>();
  for (const { propertyName, type: validator, name, each } of getMetadataStorage().getTargetValidationMetadatas(
    type,
    '',
    true,
    false,
  )) {
    const field = fields.get(propertyName) ?? { name: propertyName, kind: 'text', isOptional: false };
    if (validator === 'conditionalValidation') field.isOptional = true;
    else {
      const kind = KIND_OF[name ?? validator];
      if (kind === undefined)
        throw new Error(
          `The input matrix does not know the validator ${name ?? validator} of ${type.name}.${propertyName}`,
        );
      if (kind === 'id') field.kind = each ? 'ids' : 'id';
      else if (kind !== null && field.kind !== 'ids') field.kind = kind;
    }
    fields.set(propertyName, field);
  }
  return [...fields.values()];
}
