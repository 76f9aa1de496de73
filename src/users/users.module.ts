import { Module } from '@nestjs/common';
import { AccountsService } from './accounts.service.js';
import { AuditLog } from './audit-log.service.js';
import { AuditRepository } from './audit.repository.js';
import { ErasureService } from './erasure.service.js';
import { ExportService } from './export.service.js';
import { LastSeenRepository } from './last-seen.repository.js';
import { LastSeenService } from './last-seen.service.js';
import { MeController } from './me.controller.js';
import { PersonalDataRegistry } from './personal-data.registry.js';
import { RolesService } from './roles.service.js';
import { UsageRepository } from './usage.repository.js';
import { UsageService } from './usage.service.js';
import { UsersController } from './users.controller.js';
import { UsersRepository } from './users.repository.js';
import { UsersService } from './users.service.js';

@Module({
  controllers: [MeController, UsersController],
  providers: [
    UsersService,
    AccountsService,
    RolesService,
    AuditLog,
    ErasureService,
    ExportService,
    LastSeenRepository,
    LastSeenService,
    UsageService,
    PersonalDataRegistry,
    UsersRepository,
    AuditRepository,
    UsageRepository,
  ],
  exports: [UsersService, AccountsService, RolesService, AuditLog, LastSeenService, PersonalDataRegistry],
})
export class UsersModule {}
