import { Injectable } from '@nestjs/common';
import { ActorResolver } from '../auth/actor-resolver.service.js';
import { AuthService } from '../auth/auth.service.js';
import type { ClientOrigin, TokenPair } from '../auth/token-pair.js';
import { hasRole } from '../common/actor.js';
import { AppError } from '../common/errors/app-error.js';
import type { OperatorRecord } from './operator.js';
import { OperatorsService } from './operators.service.js';

/** Lets operators in, and nobody else. */
@Injectable()
export class DeskSignIn {
  constructor(
    private readonly auth: AuthService,
    private readonly actors: ActorResolver,
    private readonly operators: OperatorsService,
  ) {}

  /** @throws AppError INVALID_CREDENTIALS, FORBIDDEN for somebody who is no operator, RATE_LIMITED, SERVER_BUSY */
  async login(
    credentials: { email: string; password: string },
    origin: ClientOrigin,
  ): Promise<TokenPair & { operator: OperatorRecord }> {
    const tokens = await this.auth.login(credentials, origin);
    const actor = await this.actors.fromAccessToken(tokens.accessToken);
    if (!hasRole(actor.role, 'operator')) {
      await this.auth.logout(actor, false);
      throw new AppError('FORBIDDEN', { message: 'This account does not belong to an operator.' });
    }
    return { ...tokens, operator: await this.operators.get(actor.userId) };
  }
}
