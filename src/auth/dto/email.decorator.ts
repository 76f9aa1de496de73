import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsEmail } from 'class-validator';
import { IsText } from '../../common/validation/text.js';
import { normalEmail } from '../normal-email.js';

/** The longest address that mail can be sent to (RFC 5321). */
export const MAX_EMAIL_LENGTH = 254;

/** An email, turned into its normal spelling. */
export const IsAccountEmail = (): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? normalEmail(value) : value)),
    IsText({ max: MAX_EMAIL_LENGTH }),
    IsEmail(),
  );
