import { Injectable } from '@nestjs/common';
import { Counter, Histogram } from 'prom-client';
import { MetricsService } from '../metrics/metrics.service.js';
import type { TelegramFailure } from './telegram-failure.js';

/** Seconds. */
const ACK_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Tells operations how the traffic with Telegram fares. */
@Injectable()
export class TelegramMetrics {
  private readonly updates: Counter<'outcome'>;
  private readonly sends: Counter<'state'>;
  private readonly repeats: Counter;
  private readonly failures: Counter<'kind'>;
  private readonly acks: Histogram;

  constructor({ registry }: MetricsService) {
    const registers = [registry];
    this.updates = new Counter({
      name: 'parley_telegram_updates_total',
      help: 'Updates from Telegram, by what became of them.',
      labelNames: ['outcome'],
      registers,
    });
    this.sends = new Counter({
      name: 'parley_telegram_messages_total',
      help: 'Messages to Telegram that came to an end, by how.',
      labelNames: ['state'],
      registers,
    });
    this.repeats = new Counter({
      name: 'parley_telegram_repeats_total',
      help: 'Messages that were sent again because nobody knows whether they had arrived: possible doubles.',
      registers,
    });
    this.failures = new Counter({
      name: 'parley_telegram_failures_total',
      help: 'Calls of the Bot API that failed while sending, by kind.',
      labelNames: ['kind'],
      registers,
    });
    this.acks = new Histogram({
      name: 'parley_telegram_update_seconds',
      help: 'Time from the arrival of an update until it was stored.',
      buckets: ACK_BUCKETS,
      registers,
    });
  }

  updateEnded(outcome: 'stored' | 'repeated' | 'ignored' | 'dead' | 'refused', seconds: number): void {
    this.updates.inc({ outcome });
    this.acks.observe(seconds);
  }

  sendEnded(state: 'sent' | 'failed' | 'unknown'): void {
    this.sends.inc({ state });
  }

  sendRepeated(): void {
    this.repeats.inc();
  }

  callFailed(kind: TelegramFailure['kind']): void {
    this.failures.inc({ kind });
  }
}
