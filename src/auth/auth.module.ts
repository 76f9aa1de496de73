import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { PassportModule } from '@nestjs/passport';
import { AppConfig } from '../config/app-config.js';
import { DomainEventBus } from '../events/domain-event-bus.js';
import { UsersModule } from '../users/users.module.js';
import { AccessGuard } from './access.guard.js';
import { AccessTokenStrategy, accessStrategyName } from './access-token.strategy.js';
import { ActorResolver } from './actor-resolver.service.js';
import { AuthController } from './auth.controller.js';
import { AuthListener } from './auth.listener.js';
import { AuthService } from './auth.service.js';
import { FirstAdminService } from './first-admin.service.js';
import { GoogleAccountsService } from './google/google-accounts.service.js';
import { GoogleSignInService } from './google/google-sign-in.service.js';
import { GoogleController } from './google/google.controller.js';
import { OauthStatesRepository } from './google/oauth-states.repository.js';
import { LoginThrottle } from './passwords/login-throttle.js';
import { PasswordHasher } from './passwords/password-hasher.service.js';
import { AccessTokensService, jwtOptions } from './tokens/access-tokens.service.js';
import { SignInRetentionService } from './tokens/sign-in-retention.service.js';
import { SignInsRepository } from './tokens/sign-ins.repository.js';
import { SignInsService } from './tokens/sign-ins.service.js';
import { TicketsRepository } from './tokens/tickets.repository.js';

@Module({
  imports: [
    UsersModule,
    JwtModule.registerAsync({ inject: [AppConfig], useFactory: jwtOptions }),
    PassportModule.registerAsync({
      inject: [AppConfig],
      useFactory: (config: AppConfig) => ({ defaultStrategy: accessStrategyName(config), property: 'actor' }),
    }),
  ],
  controllers: [AuthController, GoogleController],
  providers: [
    AuthService,
    AuthListener,
    ActorResolver,
    AccessTokenStrategy,
    AccessTokensService,
    SignInsService,
    SignInRetentionService,
    SignInsRepository,
    TicketsRepository,
    PasswordHasher,
    FirstAdminService,
    GoogleSignInService,
    GoogleAccountsService,
    OauthStatesRepository,
    {
      provide: LoginThrottle,
      inject: [AppConfig, DomainEventBus],
      useFactory: ({ env }: AppConfig, events: DomainEventBus) =>
        new LoginThrottle({
          limitPerMinute: env.LOGIN_LIMIT_PER_MINUTE,
          onTried: (tried) => events.publish('password.tried', tried),
        }),
    },
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [AuthService, ActorResolver],
})
export class AuthModule {}
