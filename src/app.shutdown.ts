import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { AnswersService } from './ai/answers.service.js';
import { AppConfig } from './config/app-config.js';
import { LiveHub } from './gateway/delivery/live-hub.js';
import { PresenceService } from './gateway/delivery/presence.service.js';
import { ReadinessState } from './health/readiness-state.js';

/** How long the last words may take to go out. */
const FLUSH_MS = 3_000;

/** Takes the node out of service without losing a word. */
@Injectable()
export class AppShutdown {
  constructor(
    private readonly config: AppConfig,
    private readonly readiness: ReadinessState,
    private readonly answers: AnswersService,
    private readonly hub: LiveHub,
    private readonly presence: PresenceService,
  ) {}

  /** Not ready from now on, nothing new begins; running answers get SHUTDOWN_GRACE_MS and are stored; live connections close with a reason. */
  async drain(): Promise<void> {
    this.readiness.drain();
    await this.answers.drain(this.config.env.SHUTDOWN_GRACE_MS);
    await this.presence.stop();
    this.hub.closeAll('server_shutting_down');
    // Closing the server drops what a connection has not sent yet: the ends of answers, and the reason.
    const giveUpAt = performance.now() + FLUSH_MS;
    while (this.hub.size() > 0 && performance.now() < giveUpAt) await sleep(10);
  }
}
