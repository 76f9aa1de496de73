import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

/** The text after `Bearer` in the Authorization header, unchecked. */
export const BearerToken = createParamDecorator((_: unknown, context: ExecutionContext): string | undefined => {
  const { authorization } = context.switchToHttp().getRequest<Request>().headers;
  return /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
});
