import { Injectable } from '@nestjs/common';
import type { Role } from '../../common/actor.js';
import type { SignInEnd } from '../../events/domain-events.js';
import { PrismaService } from '../../prisma/prisma.service.js';

type Hash = Uint8Array<ArrayBuffer>;

/** Who signed in, as the database has it now. */
export interface Identity {
  userId: string;
  role: Role;
}

export interface LockedSignIn {
  id: string;
  userId: string;
  isOver: boolean;
  isRevoked: boolean;
}

export interface KeptRefreshToken {
  childHash: Hash | null;
  isUsed: boolean;
  /** Used so recently that it may be shown again. */
  isFresh: boolean;
  isExpired: boolean;
  isChildUsed: boolean;
}

/** Sign-ins (refresh families) and their tokens. All times are the database's. */
@Injectable()
export class SignInsRepository {
  constructor(private readonly prisma: PrismaService) {}

  async open(signIn: {
    id: string;
    userId: string;
    userAgent: string | null;
    lifeSeconds: number;
    tokenHash: Hash;
    tokenLifeSeconds: number;
  }): Promise<void> {
    const { id, userId, userAgent, lifeSeconds, tokenHash, tokenLifeSeconds } = signIn;
    await this.prisma.db.$executeRaw`
      WITH family AS (
        INSERT INTO refresh_families (id, user_id, user_agent, expires_at)
        VALUES (${id}::uuid, ${userId}::uuid, ${userAgent}, clock_timestamp() + make_interval(secs => ${lifeSeconds}::float8))
        RETURNING id, expires_at)
      INSERT INTO refresh_tokens (token_hash, family_id, expires_at)
      SELECT ${tokenHash}, id, least(expires_at, clock_timestamp() + make_interval(secs => ${tokenLifeSeconds}::float8))
        FROM family`;
  }

  /** Locks the sign-in that a refresh token belongs to: of two who show it at once, the second sees what the first did. */
  async lockByToken(tokenHash: Hash): Promise<LockedSignIn | null> {
    const [row] = await this.prisma.db.$queryRaw<LockedSignIn[]>`
      SELECT f.id, f.user_id AS "userId",
             f.expires_at <= clock_timestamp() AS "isOver",
             f.revoked_at IS NOT NULL OR NOT u.is_active OR u.erased_at IS NOT NULL AS "isRevoked"
        FROM refresh_families f JOIN users u ON u.id = f.user_id
       WHERE f.id = (SELECT family_id FROM refresh_tokens WHERE token_hash = ${tokenHash})
         FOR UPDATE OF f`;
    return row ?? null;
  }

  /** To be asked after `lockByToken`, in a statement of its own: only that sees what was committed while waiting. */
  async findToken(tokenHash: Hash, freshSeconds: number): Promise<KeptRefreshToken | null> {
    const [row] = await this.prisma.db.$queryRaw<KeptRefreshToken[]>`
      SELECT t.child_hash AS "childHash",
             t.used_at IS NOT NULL AS "isUsed",
             coalesce(t.used_at > clock_timestamp() - make_interval(secs => ${freshSeconds}::float8), false) AS "isFresh",
             t.expires_at <= clock_timestamp() AS "isExpired",
             c.used_at IS NOT NULL AS "isChildUsed"
        FROM refresh_tokens t LEFT JOIN refresh_tokens c ON c.token_hash = t.child_hash
       WHERE t.token_hash = ${tokenHash}`;
    return row ?? null;
  }

  async addChild(parentHash: Hash, childHash: Hash, lifeSeconds: number): Promise<void> {
    await this.prisma.db.$executeRaw`
      WITH parent AS (
        UPDATE refresh_tokens SET used_at = clock_timestamp(), child_hash = ${childHash}
         WHERE token_hash = ${parentHash}
        RETURNING family_id)
      INSERT INTO refresh_tokens (token_hash, family_id, expires_at)
      SELECT ${childHash}, f.id, least(f.expires_at, clock_timestamp() + make_interval(secs => ${lifeSeconds}::float8))
        FROM refresh_families f JOIN parent ON parent.family_id = f.id`;
  }

  /** Whether it was not over before. */
  async revoke(id: string, reason: SignInEnd): Promise<boolean> {
    const count = await this.prisma.db.$executeRaw`
      UPDATE refresh_families SET revoked_at = clock_timestamp(), revoked_reason = ${reason}
       WHERE id = ${id}::uuid AND revoked_at IS NULL`;
    return count > 0;
  }

  async revokeAll(userId: string, reason: SignInEnd): Promise<void> {
    await this.prisma.db.$executeRaw`
      UPDATE refresh_families SET revoked_at = clock_timestamp(), revoked_reason = ${reason}
       WHERE user_id = ${userId}::uuid AND revoked_at IS NULL`;
  }

  /** Who is behind these sign-ins, by their ids; those that are over, revoked, unknown, or of a disabled person are left out. */
  async findIdentities(signInIds: readonly string[]): Promise<Map<string, Identity>> {
    const rows = await this.prisma.db.$queryRaw<(Identity & { signInId: string })[]>`
      /* prepared: find-identities */
      SELECT f.id AS "signInId", u.id AS "userId", u.role::text AS role
        FROM refresh_families f JOIN users u ON u.id = f.user_id
       WHERE f.id = ANY (${[...signInIds]}::uuid[])
         AND f.revoked_at IS NULL AND f.expires_at > clock_timestamp() AND u.is_active AND u.erased_at IS NULL`;
    return new Map(rows.map(({ signInId, ...identity }) => [signInId, identity]));
  }

  /** Those of `ids` that nobody may use any more. */
  async findEnded(ids: readonly string[]): Promise<string[]> {
    const rows = await this.prisma.db.$queryRaw<{ id: string }[]>`
      SELECT asked.id::text AS id
        FROM unnest(${[...ids]}::uuid[]) AS asked (id)
        LEFT JOIN (refresh_families f JOIN users u ON u.id = f.user_id AND u.is_active AND u.erased_at IS NULL)
          ON f.id = asked.id AND f.revoked_at IS NULL
       WHERE f.id IS NULL`;
    return rows.map(({ id }) => id);
  }

  listOf(userId: string) {
    const select = { createdAt: true, expiresAt: true, revokedAt: true, revokedReason: true, userAgent: true };
    return this.prisma.db.refreshFamily.findMany({ where: { userId }, orderBy: { createdAt: 'asc' }, select });
  }

  async removeAll(userId: string): Promise<void> {
    await this.prisma.db.streamTicket.deleteMany({ where: { userId } });
    await this.prisma.db.refreshFamily.deleteMany({ where: { userId } });
  }

  /** Removes up to `limit` rows of each kind that nobody can use any more. @returns how many */
  async removeStale(limit: number): Promise<number> {
    const { db } = this.prisma;
    const families = await db.$executeRaw`
      DELETE FROM refresh_families WHERE id IN (
        SELECT id FROM refresh_families WHERE expires_at < now() - interval '1 day' LIMIT ${limit})`;
    const tokens = await db.$executeRaw`
      DELETE FROM refresh_tokens WHERE token_hash IN (
        SELECT token_hash FROM refresh_tokens WHERE expires_at < now() - interval '1 day' LIMIT ${limit})`;
    const tickets = await db.$executeRaw`
      DELETE FROM stream_tickets WHERE ticket_hash IN (
        SELECT ticket_hash FROM stream_tickets WHERE expires_at < now() LIMIT ${limit})`;
    const states = await db.$executeRaw`
      DELETE FROM oauth_states WHERE state_hash IN (
        SELECT state_hash FROM oauth_states WHERE expires_at < now() LIMIT ${limit})`;
    return families + tokens + tickets + states;
  }
}
