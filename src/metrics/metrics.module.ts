import { Global, Module } from '@nestjs/common';
import { DatabasePoolRepository } from './database-pool.repository.js';
import { MetricsController } from './metrics.controller.js';
import { MetricsListener } from './metrics.listener.js';
import { MetricsPage } from './metrics-page.js';
import { MetricsServer } from './metrics-server.js';
import { MetricsService } from './metrics.service.js';

@Global()
@Module({
  controllers: [MetricsController],
  providers: [DatabasePoolRepository, MetricsListener, MetricsPage, MetricsServer, MetricsService],
  exports: [MetricsService],
})
export class MetricsModule {}
