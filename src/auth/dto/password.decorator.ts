import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { registerDecorator } from 'class-validator';
import { textProblem } from '../../common/validation/text.js';

/** Lengths in UTF-16 code units; the whole password counts, however long it is within them. */
export const MIN_PASSWORD_LENGTH = 8;
export const MAX_PASSWORD_LENGTH = 128;

/** What a new password must be; blanks inside and around belong to it. */
export function IsNewPassword(): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ minLength: MIN_PASSWORD_LENGTH, maxLength: MAX_PASSWORD_LENGTH }),
    (target: object, property: string | symbol) =>
      registerDecorator({
        name: 'isNewPassword',
        target: target.constructor,
        propertyName: property as string,
        validator: {
          validate: (value: unknown) => problem(value) === null,
          defaultMessage: (args) => `${args?.property} ${problem(args?.value)}`,
        },
      }),
  );
}

function problem(value: unknown): string | null {
  const found = textProblem(value, 1, MAX_PASSWORD_LENGTH);
  if (found) return found;
  return (value as string).length < MIN_PASSWORD_LENGTH
    ? `must be at least ${MIN_PASSWORD_LENGTH} characters long`
    : null;
}
