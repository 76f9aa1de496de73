import { SetMetadata, applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { Request } from 'express';
import type { Actor, Role } from '../actor.js';

export const IS_PUBLIC = 'access:public';
export const REQUIRED_ROLE = 'access:role';

/** The same in the API document. */
export const PUBLIC_EXTENSION = 'x-public';
export const ROLE_EXTENSION = 'x-required-role';

/** A request that the access guard has let in. */
export interface AuthenticatedRequest extends Request {
  actor: Actor;
}

/** A route that needs no sign-in. Every other one does. */
export const Public = () => applyDecorators(SetMetadata(IS_PUBLIC, true), ApiExtension(PUBLIC_EXTENSION, true));

/** A route for people of at least this role. */
export const RequiresRole = (role: Role) =>
  applyDecorators(SetMetadata(REQUIRED_ROLE, role), ApiExtension(ROLE_EXTENSION, role));

/** The person on whose behalf the request is made. */
export const CurrentActor = createParamDecorator(
  (_: unknown, context: ExecutionContext): Actor => context.switchToHttp().getRequest<AuthenticatedRequest>().actor,
);
