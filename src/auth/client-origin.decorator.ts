import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { addressKey } from '../common/limits/address-key.js';
import type { ClientOrigin } from './token-pair.js';

const MAX_USER_AGENT_LENGTH = 200;

/** Where a request comes from; behind proxies as far as TRUST_PROXY says. */
export const CurrentOrigin = createParamDecorator((_: unknown, context: ExecutionContext): ClientOrigin => {
  const request = context.switchToHttp().getRequest<Request>();
  return {
    address: addressKey(request.ip),
    userAgent: request.headers['user-agent']?.slice(0, MAX_USER_AGENT_LENGTH) ?? null,
  };
});
