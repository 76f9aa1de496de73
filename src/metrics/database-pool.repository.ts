import { Injectable, type OnModuleInit } from '@nestjs/common';
import { PrismaService } from '../prisma/prisma.service.js';
import { MetricsService } from './metrics.service.js';

/** Shows how busy the connections to the database are. */
@Injectable()
export class DatabasePoolRepository implements OnModuleInit {
  constructor(
    private readonly prisma: PrismaService,
    private readonly metrics: MetricsService,
  ) {}

  onModuleInit(): void {
    this.metrics.watchPool(() => this.prisma.connections);
  }
}
