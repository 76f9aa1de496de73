import { Module } from '@nestjs/common';
import { GroupsModule } from '../groups/groups.module.js';
import { UsersModule } from '../users/users.module.js';
import { GroupSessionsController } from './group-sessions.controller.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsListener } from './sessions.listener.js';
import { SessionsRepository } from './sessions.repository.js';
import { SessionsService } from './sessions.service.js';

/** Needs `ModelDefaults`, which the assistant's module provides for everybody. */
@Module({
  imports: [UsersModule, GroupsModule],
  controllers: [SessionsController, GroupSessionsController],
  providers: [SessionsService, SessionsRepository, SessionsListener],
  exports: [SessionsService],
})
export class SessionsModule {}
