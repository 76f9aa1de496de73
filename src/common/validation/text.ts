import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsUUID, registerDecorator } from 'class-validator';

/** The longest message, in UTF-16 code units. */
export const MAX_MESSAGE_LENGTH = 10_000;

/** Why a text cannot be stored as it is, or null when it can. */
export function textProblem(value: unknown, min: number, max: number): string | null {
  if (typeof value !== 'string') return 'must be a string';
  if (value.length > max) return `must be at most ${max} characters long`;
  if (min > 0 && value.trim().length < min)
    return min === 1 ? 'must not be blank' : `must be at least ${min} characters long`;
  if (value.includes('\0')) return 'must not contain NUL';
  // A lone surrogate has no UTF-8 form: the database would hand back another text than it was given.
  if (!value.isWellFormed()) return 'must be well-formed Unicode';
  return null;
}

/** A string of `min`…`max` UTF-16 code units that PostgreSQL gives back as it was: no NUL, no lone surrogate; not blank when `min` > 0. */
export function IsText(options: { min?: number; max: number }): PropertyDecorator {
  const { min = 1, max } = options;
  return applyDecorators(ApiProperty({ minLength: min, maxLength: max }), (target: object, property: string | symbol) =>
    registerDecorator({
      name: 'isText',
      target: target.constructor,
      propertyName: property as string,
      validator: {
        validate: (value: unknown) => textProblem(value, min, max) === null,
        defaultMessage: (args) => `${args?.property} ${textProblem(args?.value, min, max)}`,
      },
    }),
  );
}

/** What a person says in a message. */
export const IsMessageText = (): PropertyDecorator => IsText({ max: MAX_MESSAGE_LENGTH });

/** An id of ours. */
export const IsId = (): PropertyDecorator => applyDecorators(ApiProperty({ format: 'uuid' }), IsUUID('all'));
