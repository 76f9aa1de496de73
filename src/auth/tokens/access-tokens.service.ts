import { createSecretKey } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtService, type JwtModuleOptions } from '@nestjs/jwt';
import { AppError } from '../../common/errors/app-error.js';
import { isUuid, newId } from '../../common/ids.js';
import { AppConfig } from '../../config/app-config.js';
import { DatabaseClock } from '../../prisma/database-clock.js';

const ISSUER = 'parley';
const AUDIENCE = 'parley';
const TYPE = 'access';

/** For the little by which two looks at the database's clock differ. */
const CLOCK_TOLERANCE_MS = 5_000;

/** What an access token says. The role is not among it: it may have changed since. */
export interface AccessClaims {
  userId: string;
  signInId: string;
  /** ms since the epoch. */
  expiresAt: number;
}

/** How access tokens are signed and checked, for every library that does either; their end is `assertAlive`'s, by another clock. */
export function jwtOptions(config: AppConfig) {
  return {
    // As a key: from a text the library would first try to read a public key, for every token.
    secret: createSecretKey(config.jwtSecret, 'utf8'),
    signOptions: { algorithm: 'HS256', issuer: ISSUER, audience: AUDIENCE, expiresIn: config.env.ACCESS_TOKEN_TTL_S },
    verifyOptions: { algorithms: ['HS256'], issuer: ISSUER, audience: AUDIENCE, ignoreExpiration: true },
  } satisfies JwtModuleOptions;
}

/** Signs and reads access tokens. */
@Injectable()
export class AccessTokensService {
  constructor(
    private readonly jwt: JwtService,
    private readonly config: AppConfig,
    private readonly clock: DatabaseClock,
  ) {}

  sign(userId: string, signInId: string): { accessToken: string; expiresIn: number } {
    const claims = { typ: TYPE, sid: signInId, iat: Math.floor(this.clock.now() / 1_000) };
    const accessToken = this.jwt.sign(claims, { subject: userId, jwtid: newId() });
    return { accessToken, expiresIn: this.config.env.ACCESS_TOKEN_TTL_S };
  }

  /** @throws AppError UNAUTHORIZED, TOKEN_EXPIRED */
  verify(token: string): AccessClaims {
    try {
      return this.read(this.jwt.verify<object>(token));
    } catch (error) {
      throw toTokenError(error);
    }
  }

  /** How long, in ms, something may go on that ends at `expiresAt`; 0 when that is over. */
  msUntil(expiresAt: number): number {
    return Math.max(0, expiresAt - this.clock.now());
  }

  /** The claims of a payload whose signature is right. @throws AppError UNAUTHORIZED, TOKEN_EXPIRED */
  read(payload: unknown): AccessClaims {
    const claims = readClaims(payload);
    if (claims.expiresAt + CLOCK_TOLERANCE_MS <= this.clock.now()) throw new AppError('TOKEN_EXPIRED');
    return claims;
  }
}

/** @throws AppError UNAUTHORIZED when a claim is missing: the library demands none */
function readClaims(payload: unknown): AccessClaims {
  const { typ, sub, sid, jti, iat, exp } = Object(payload) as Record<string, unknown>;
  const isWhole =
    typ === TYPE && isUuid(sub) && isUuid(sid) && isUuid(jti) && Number.isInteger(iat) && Number.isInteger(exp);
  if (!isWhole) throw new AppError('UNAUTHORIZED');
  return { userId: sub, signInId: sid, expiresAt: (exp as number) * 1_000 };
}

/** What the JWT libraries throw, in the words of the catalogue; other errors stay as they are. */
export function toTokenError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof AppError) return error;
  if (error.name === 'TokenExpiredError') return new AppError('TOKEN_EXPIRED', { cause: error });
  const refused = ['JsonWebTokenError', 'NotBeforeError', 'SyntaxError'].includes(error.name);
  return refused ? new AppError('UNAUTHORIZED', { cause: error }) : error;
}
