import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import passport from 'passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import type { Actor } from '../common/actor.js';
import { AppConfig } from '../config/app-config.js';
import { ActorResolver } from './actor-resolver.service.js';
import { AccessTokensService, jwtOptions } from './tokens/access-tokens.service.js';

/** Passport keeps strategies per process; the name tells those of several applications in one apart. */
export const accessStrategyName = (config: AppConfig): string => `access-token of ${config.nodeId}`;

/** Reads the access token of a request: in the Authorization header, and nowhere else. */
@Injectable()
export class AccessTokenStrategy extends PassportStrategy(Strategy) implements OnApplicationShutdown {
  constructor(
    private readonly config: AppConfig,
    private readonly actors: ActorResolver,
    private readonly tokens: AccessTokensService,
  ) {
    const { secret, verifyOptions } = jwtOptions(config);
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      // The types lag behind.
      secretOrKey: secret as unknown as Buffer,
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way to have our own clock decide
      jsonWebTokenOptions: verifyOptions,
      ...verifyOptions,
    });
    passport.use(accessStrategyName(config), this);
  }

  /** Once the listener is closed: requests that came before that are still checked. */
  onApplicationShutdown(): void {
    passport.unuse(accessStrategyName(this.config));
  }

  validate(payload: unknown): Promise<Actor> {
    return this.actors.fromClaims(this.tokens.read(payload));
  }
}
