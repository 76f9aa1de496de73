import { Module, type DynamicModule } from '@nestjs/common';
import { AiModule } from './ai/ai.module.js';
import { AppShutdown } from './app.shutdown.js';
import { AuthModule } from './auth/auth.module.js';
import { ChatRoomsModule } from './chat-rooms/chat-rooms.module.js';
import { AppConfig } from './config/app-config.js';
import { ConfigModule } from './config/config.module.js';
import { EventsModule } from './events/events.module.js';
import { ApiV1Module } from './gateway/api-v1/api-v1.module.js';
import { GatewayModule } from './gateway/gateway.module.js';
import { GroupsModule } from './groups/groups.module.js';
import { HealthModule } from './health/health.module.js';
import { IdempotencyModule } from './idempotency/idempotency.module.js';
import { JobsModule } from './jobs/jobs.module.js';
import { LoggingModule } from './logging/logging.module.js';
import { MessagesModule } from './messages/messages.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { OperatorsModule } from './operators/operators.module.js';
import { PagesModule } from './pages/pages.module.js';
import { DatabaseAddress } from './prisma/database-address.js';
import { PrismaModule } from './prisma/prisma.module.js';
import { RedisModule } from './redis/redis.module.js';
import { SessionsModule } from './sessions/sessions.module.js';
import { TelegramModule } from './telegram/telegram.module.js';
import { ThrottlingModule } from './throttling/throttling.module.js';
import { UsersModule } from './users/users.module.js';

@Module({})
export class AppModule {
  static with(config: AppConfig, address: DatabaseAddress): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.with(config),
        LoggingModule.with(config),
        PrismaModule.at(address),
        EventsModule,
        ...(config.env.REDIS_URL === undefined ? [] : [RedisModule]),
        IdempotencyModule,
        JobsModule,
        HealthModule,
        MetricsModule,
        UsersModule,
        AuthModule,
        ThrottlingModule,
        GroupsModule,
        SessionsModule,
        ChatRoomsModule,
        MessagesModule,
        OperatorsModule,
        AiModule,
        GatewayModule,
        ApiV1Module,
        TelegramModule,
        PagesModule,
      ],
      providers: [AppShutdown],
    };
  }
}
