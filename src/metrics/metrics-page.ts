import type { IncomingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import { isSameSecret } from '../common/same-secret.js';
import { AppConfig } from '../config/app-config.js';
import { MetricsService } from './metrics.service.js';

export interface MetricsAnswer {
  contentType: string;
  body: string;
}

/** What `/metrics` says, on whichever port it is asked. */
@Injectable()
export class MetricsPage {
  constructor(
    private readonly config: AppConfig,
    private readonly metrics: MetricsService,
  ) {}

  /**
   * Prometheus text, or JSON for who asks for that alone.
   * @throws AppError UNAUTHORIZED when a token is set and it is not the one sent
   */
  async answer(headers: IncomingHttpHeaders): Promise<MetricsAnswer> {
    const { METRICS_TOKEN } = this.config.env;
    if (METRICS_TOKEN !== undefined && !isSameSecret(bearerOf(headers), METRICS_TOKEN))
      throw new AppError('UNAUTHORIZED');
    if (wantsJson(headers))
      return { contentType: 'application/json; charset=utf-8', body: JSON.stringify(this.summary()) };
    return { contentType: this.metrics.registry.contentType, body: await this.metrics.registry.metrics() };
  }

  private summary() {
    return {
      activeConnections: this.metrics.activeConnections,
      memoryUsage: process.memoryUsage(),
      uptime: Math.round(process.uptime()),
      timestamp: new Date().toISOString(),
      environment: this.config.env.NODE_ENV,
      version: this.config.version,
    };
  }
}

function bearerOf({ authorization }: IncomingHttpHeaders): string {
  return /^Bearer +(\S+)\s*$/i.exec(authorization ?? '')?.[1] ?? '';
}

function wantsJson({ accept = '' }: IncomingHttpHeaders): boolean {
  return /\bapplication\/json\b/i.test(accept) && !/\btext\/plain\b/i.test(accept);
}
