import { SetMetadata, applyDecorators } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';

export const IS_IDEMPOTENT = 'idempotency:on';

/**
 * A POST that creates something: repeated with the same `Idempotency-Key` it answers what it answered first and does nothing
 * again. The handler runs in one transaction with the key, so what it changes elsewhere than in the database must wait for
 * the commit. Handlers that write to the response themselves cannot be repeated.
 */
export const Idempotent = (): MethodDecorator =>
  applyDecorators(
    SetMetadata(IS_IDEMPOTENT, true),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: '1 to 255 printable ASCII characters; a repetition with the same key gets the first answer.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    }),
  );
