import { Injectable, Optional, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard, AuthModuleOptions } from '@nestjs/passport';
import { hasRole, type Role } from '../common/actor.js';
import { AppError } from '../common/errors/app-error.js';
import { IS_PUBLIC, REQUIRED_ROLE, type AuthenticatedRequest } from '../common/http/access.decorators.js';
import { toTokenError } from './tokens/access-tokens.service.js';

/** Lets REST requests in: with an access token, and the role that the route asks for. Live doors authenticate by themselves. */
@Injectable()
export class AccessGuard extends AuthGuard() {
  constructor(
    @Optional() options: AuthModuleOptions,
    private readonly reflector: Reflector,
  ) {
    super(options);
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(IS_PUBLIC, targets)) return true;
    await super.canActivate(context);
    const role = this.reflector.getAllAndOverride<Role | undefined>(REQUIRED_ROLE, targets);
    const { actor } = context.switchToHttp().getRequest<AuthenticatedRequest>();
    if (role && !hasRole(actor.role, role)) throw new AppError('FORBIDDEN');
    return true;
  }

  override handleRequest<T>(error: unknown, actor: T | false, info: unknown): T {
    if (error) throw error as Error;
    if (!actor) {
      const refusal = toTokenError(info);
      throw refusal instanceof AppError ? refusal : new AppError('UNAUTHORIZED', { cause: info });
    }
    return actor;
  }
}
