import { Injectable } from '@nestjs/common';
import type { Actor } from '../common/actor.js';
import { BatchedLoader } from '../common/concurrency/batched-loader.js';
import { AppError } from '../common/errors/app-error.js';
import { outsideTransaction } from '../prisma/transaction-scope.js';
import { AccessTokensService, type AccessClaims } from './tokens/access-tokens.service.js';
import { IdentityCache } from './tokens/identity-cache.js';
import { hashOfToken, isOpaqueToken, newOpaqueToken } from './tokens/opaque-token.js';
import { SignInsRepository } from './tokens/sign-ins.repository.js';
import { TicketsRepository } from './tokens/tickets.repository.js';

const TICKET_LIFE_S = 30;

/** Turns credentials into the person they stand for; the same for every door. Asks the database every few seconds at the most. */
@Injectable()
export class ActorResolver {
  private readonly identities: IdentityCache;

  constructor(
    private readonly accessTokens: AccessTokensService,
    private readonly tickets: TicketsRepository,
    private readonly signIns: SignInsRepository,
  ) {
    const asked = new BatchedLoader(async (signInIds: readonly string[]) => {
      const found = await outsideTransaction(() => signIns.findIdentities(signInIds));
      return (signInId: string) => found.get(signInId) ?? null;
    });
    this.identities = new IdentityCache(async (signInId, userId) => {
      const identity = await asked.get(signInId);
      return identity?.userId === userId ? identity : null;
    });
  }

  /** @throws AppError UNAUTHORIZED, TOKEN_EXPIRED, SIGN_IN_REVOKED */
  async fromAccessToken(token: string): Promise<Actor> {
    return this.fromClaims(this.accessTokens.verify(token));
  }

  /** For claims whose signature was checked. @throws AppError SIGN_IN_REVOKED */
  async fromClaims({ userId, signInId, expiresAt }: AccessClaims): Promise<Actor> {
    const identity = await this.identities.get(signInId, userId);
    if (!identity) throw new AppError('SIGN_IN_REVOKED');
    return { userId, role: identity.role, signInId, expiresAt };
  }

  /** How long, in ms, the actor's token is good for, and `graceMs` more; 0 when that is over. */
  msLeft({ expiresAt }: Actor, graceMs = 0): number {
    return this.accessTokens.msUntil(expiresAt + graceMs);
  }

  /**
   * To be asked by a live connection once it can be found: a sign-in that ended while it was let in closed the others only.
   * Calls `close` then; never throws.
   */
  async closeIfOver({ signInId, userId }: Actor, close: () => void): Promise<void> {
    const identity = await this.identities.get(signInId, userId).catch(() => undefined);
    if (identity === null) close();
  }

  /** A ticket that stands for the actor once, within `expiresIn` seconds, where no header can be sent. */
  async issueTicket({ userId, signInId, expiresAt }: Actor): Promise<{ ticket: string; expiresIn: number }> {
    const ticket = newOpaqueToken();
    await this.tickets.add(hashOfToken(ticket), { userId, signInId, actorUntil: new Date(expiresAt) }, TICKET_LIFE_S);
    return { ticket, expiresIn: TICKET_LIFE_S };
  }

  /** @throws AppError TICKET_INVALID, SIGN_IN_REVOKED */
  async redeemTicket(ticket: string): Promise<Actor> {
    const taken = isOpaqueToken(ticket) ? await this.tickets.take(hashOfToken(ticket)) : null;
    if (!taken) throw new AppError('TICKET_INVALID');
    return this.fromClaims({ ...taken, expiresAt: taken.actorUntil.getTime() });
  }

  /** Makes the next question about a sign-in, or about all of a person, go to the database. */
  forget(userId: string, signInId: string | null = null): void {
    if (signInId === null) this.identities.forgetPerson(userId);
    else this.identities.forgetSignIn(userId, signInId);
  }

  forgetAll(): void {
    this.identities.forgetAll();
  }

  /** Those of `signInIds` that are over, for connections that nobody told. */
  findEnded(signInIds: readonly string[]): Promise<string[]> {
    return this.signIns.findEnded(signInIds);
  }
}
