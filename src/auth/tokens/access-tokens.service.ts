import { Injectable } from '@nestjs/common';
import { JwtService, type JwtModuleOptions } from '@nestjs/jwt';
import { AppError } from '../../common/errors/app-error.js';
import { isUuid, newId } from '../../common/ids.js';
import { AppConfig } from '../../config/app-config.js';

const ISSUER = 'parley';
const AUDIENCE = 'parley';
const TYPE = 'access';

/** For clocks of nodes that differ a little. */
const CLOCK_TOLERANCE_S = 5;

/** What an access token says. The role is not among it: it may have changed since. */
export interface AccessClaims {
  userId: string;
  signInId: string;
  /** ms since the epoch. */
  expiresAt: number;
}

/** How access tokens are signed and checked, for every library that does either. */
export function jwtOptions(config: AppConfig) {
  return {
    secret: config.jwtSecret,
    signOptions: { algorithm: 'HS256', issuer: ISSUER, audience: AUDIENCE, expiresIn: config.env.ACCESS_TOKEN_TTL_S },
    verifyOptions: { algorithms: ['HS256'], issuer: ISSUER, audience: AUDIENCE, clockTolerance: CLOCK_TOLERANCE_S },
  } satisfies JwtModuleOptions;
}

/** Signs and reads access tokens. */
@Injectable()
export class AccessTokensService {
  constructor(
    private readonly jwt: JwtService,
    private readonly config: AppConfig,
  ) {}

  sign(userId: string, signInId: string): { accessToken: string; expiresIn: number } {
    const claims = { typ: TYPE, sid: signInId };
    const accessToken = this.jwt.sign(claims, { subject: userId, jwtid: newId() });
    return { accessToken, expiresIn: this.config.env.ACCESS_TOKEN_TTL_S };
  }

  /** @throws AppError UNAUTHORIZED, TOKEN_EXPIRED */
  verify(token: string): AccessClaims {
    try {
      return readClaims(this.jwt.verify<object>(token));
    } catch (error) {
      throw toTokenError(error);
    }
  }
}

/** The claims of a payload whose signature is right. @throws AppError UNAUTHORIZED when one is missing: the library demands none */
export function readClaims(payload: unknown): AccessClaims {
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
