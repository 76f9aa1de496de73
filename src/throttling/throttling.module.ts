import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ThrottlerModule } from '@nestjs/throttler';
import { SharedLimits } from '../common/limits/shared-limits.js';
import { AppConfig } from '../config/app-config.js';
import { RequestThrottleGuard } from './request-throttle.guard.js';
import { ThrottleStorage } from './throttle-storage.js';

const MINUTE_MS = 60_000;

/** Import it after the module of the access guard: who is signed in counts as a person. */
@Module({
  imports: [
    ThrottlerModule.forRootAsync({
      inject: [AppConfig, { token: SharedLimits, optional: true }],
      useFactory: (config: AppConfig, shared?: SharedLimits) => ({
        throttlers: [{ ttl: MINUTE_MS, limit: config.limits.requestsPerMinute }],
        storage: new ThrottleStorage(shared),
        setHeaders: false,
      }),
    }),
  ],
  providers: [{ provide: APP_GUARD, useClass: RequestThrottleGuard }],
})
export class ThrottlingModule {}
