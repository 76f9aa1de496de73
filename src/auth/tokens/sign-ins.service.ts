import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import type { ErrorCode } from '../../common/errors/error-catalogue.js';
import { newId } from '../../common/ids.js';
import { RateLimiter } from '../../common/limits/rate-limiter.js';
import { AppConfig } from '../../config/app-config.js';
import { DomainEventBus } from '../../events/domain-event-bus.js';
import type { SignInEnd } from '../../events/domain-events.js';
import { UnitOfWork } from '../../prisma/unit-of-work.js';
import { AccountsService } from '../../users/accounts.service.js';
import { PersonalDataRegistry } from '../../users/personal-data.registry.js';
import type { ClientOrigin, TokenPair } from '../token-pair.js';
import { AccessTokensService } from './access-tokens.service.js';
import { childOf, hashOfToken, isOpaqueToken, newOpaqueToken, rotationKey } from './opaque-token.js';
import { SignInsRepository, type LockedSignIn } from './sign-ins.repository.js';

/** A client that lost the answer, or a second tab, may show the used token again for this long and gets the same child. */
const REPEAT_WINDOW_S = 10;

const REFRESHES_PER_MINUTE = 30;

/** Sign-ins: each one is a family of refresh tokens of which only the youngest is good. */
@Injectable()
export class SignInsService implements OnModuleInit {
  private readonly refreshes = new RateLimiter({ limit: REFRESHES_PER_MINUTE, windowMs: 60_000 });
  private readonly key: Uint8Array;

  constructor(
    private readonly signIns: SignInsRepository,
    private readonly accounts: AccountsService,
    private readonly accessTokens: AccessTokensService,
    private readonly personalData: PersonalDataRegistry,
    private readonly unitOfWork: UnitOfWork,
    private readonly events: DomainEventBus,
    private readonly config: AppConfig,
  ) {
    this.key = rotationKey(config.jwtSecret);
  }

  onModuleInit(): void {
    this.personalData.registerErasureStep('signIns', (userId) => this.forget(userId));
    this.personalData.registerExportSection('signIns', (userId) => this.signIns.listOf(userId));
  }

  /** Starts a sign-in of somebody who has proved who it is. */
  open(userId: string, { userAgent }: ClientOrigin): Promise<TokenPair> {
    const { SIGN_IN_TTL_S: lifeSeconds, REFRESH_TOKEN_TTL_S: tokenLifeSeconds } = this.config.env;
    return this.unitOfWork.run(async () => {
      const id = newId();
      const refreshToken = newOpaqueToken();
      const tokenHash = hashOfToken(refreshToken);
      await this.signIns.open({ id, userId, userAgent, lifeSeconds, tokenHash, tokenLifeSeconds });
      await this.accounts.recordSignIn(userId);
      return { ...this.accessTokens.sign(userId, id), refreshToken };
    });
  }

  /**
   * Exchanges a refresh token for its child. A token that was used before ends the whole sign-in, for it was stolen once.
   * @throws AppError REFRESH_TOKEN_INVALID, REFRESH_TOKEN_REUSED, SIGN_IN_REVOKED, RATE_LIMITED
   */
  async refresh(refreshToken: string): Promise<TokenPair> {
    if (!isOpaqueToken(refreshToken)) throw new AppError('REFRESH_TOKEN_INVALID');
    // The refusal is thrown outside: inside it would undo the end of the sign-in.
    const outcome = await this.unitOfWork.run(() => this.rotate(refreshToken));
    if (typeof outcome === 'string') throw new AppError(outcome);
    return outcome;
  }

  /** Ends one sign-in. */
  async end(userId: string, signInId: string, reason: SignInEnd): Promise<void> {
    await this.unitOfWork.run(async () => {
      if (await this.signIns.revoke(signInId, reason))
        this.events.publish('sign-in.revoked', { userId, signInId, reason });
    });
  }

  /** Ends every sign-in of a person. */
  async endAll(userId: string, reason: SignInEnd): Promise<void> {
    await this.unitOfWork.run(async () => {
      await this.signIns.revokeAll(userId, reason);
      this.events.publish('sign-in.revoked', { userId, signInId: null, reason });
    });
  }

  /** Somebody refreshed this sign-in on another node. */
  countRefresh(signInId: string): void {
    this.refreshes.take(signInId);
  }

  private async rotate(refreshToken: string): Promise<TokenPair | ErrorCode> {
    const hash = hashOfToken(refreshToken);
    const signIn = await this.signIns.lockByToken(hash);
    if (!signIn || signIn.isOver) return 'REFRESH_TOKEN_INVALID';
    if (signIn.isRevoked) return 'SIGN_IN_REVOKED';
    this.refreshes.enforce(signIn.id);
    this.events.publish('limit.taken', { limit: 'refreshes', key: signIn.id });
    const token = await this.signIns.findToken(hash, REPEAT_WINDOW_S);
    if (!token) return 'REFRESH_TOKEN_INVALID';

    const child = childOf(refreshToken, this.key);
    const childHash = hashOfToken(child);
    if (token.isUsed) {
      const isSameChild = token.childHash !== null && Buffer.from(token.childHash).equals(childHash);
      if (!token.isFresh || token.isChildUsed || !isSameChild) return this.endReused(signIn);
    } else if (token.isExpired) {
      return 'REFRESH_TOKEN_INVALID';
    } else {
      await this.signIns.addChild(hash, childHash, this.config.env.REFRESH_TOKEN_TTL_S);
    }
    return { ...this.accessTokens.sign(signIn.userId, signIn.id), refreshToken: child };
  }

  private async endReused({ userId, id }: LockedSignIn): Promise<ErrorCode> {
    await this.end(userId, id, 'reuse');
    return 'REFRESH_TOKEN_REUSED';
  }

  private async forget(userId: string): Promise<void> {
    await this.signIns.removeAll(userId);
    this.events.publish('sign-in.revoked', { userId, signInId: null, reason: 'erased' });
  }
}
