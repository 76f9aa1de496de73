import { Global, Module } from '@nestjs/common';
import { DatabaseCheck } from './database.check.js';
import { HealthController } from './health.controller.js';
import { HealthRepository } from './health.repository.js';
import { HealthService } from './health.service.js';
import { ReadinessState } from './readiness-state.js';

@Global()
@Module({
  controllers: [HealthController],
  providers: [ReadinessState, HealthService, HealthRepository, DatabaseCheck],
  exports: [ReadinessState, HealthService],
})
export class HealthModule {}
