import { Module } from '@nestjs/common';
import { AiModule } from '../../ai/ai.module.js';
import { AuthModule } from '../../auth/auth.module.js';
import { MessagesModule } from '../../messages/messages.module.js';
import { SessionsModule } from '../../sessions/sessions.module.js';
import { UsersModule } from '../../users/users.module.js';
import { GatewayModule } from '../gateway.module.js';
import { ApiV1AuthController } from './api-v1-auth.controller.js';
import { ApiV1ChatsController } from './api-v1-chats.controller.js';
import { ApiV1StreamController } from './api-v1-stream.controller.js';
import { ApiV1UsersController } from './api-v1-users.controller.js';
import { ApiV1ChatsService } from './chats.service.js';
import { ApiV1ProfilesService } from './profiles.service.js';

/** The `/api/v1` dialect: snake_case, `{"error"}`, answers as SSE for fetch. */
@Module({
  imports: [AiModule, AuthModule, GatewayModule, MessagesModule, SessionsModule, UsersModule],
  controllers: [ApiV1AuthController, ApiV1UsersController, ApiV1ChatsController, ApiV1StreamController],
  providers: [ApiV1ChatsService, ApiV1ProfilesService],
})
export class ApiV1Module {}
