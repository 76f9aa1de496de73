import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import type { NodeFigures } from '../metrics/metrics.service.js';
import { DomainEventBus } from '../events/domain-event-bus.js';
import type { DomainEventName, DomainEvents } from '../events/domain-events.js';
import type { NodeLink } from '../events/node-link.js';
import { decodeEvents, encodeEvent, type TravellingEvent } from './event-codec.js';
import { EventStream, type Entry } from './event-stream.js';
import { HeardNodes } from './heard-nodes.js';
import { RedisConnection } from './redis-connection.js';

/** Every node writes at least this often, an empty entry if need be. */
const BEAT_MS = 300;
/** Whoever has not read its own entry, or one of each other node, for this long cannot rely on the stream. */
const SILENCE_MS = 1_200;
const RETRY_MS = 100;
/** UTF-16 units of events in one entry. */
const LONGEST_ENTRY = 256 * 1024;

/**
 * Carries events between nodes over one Redis Stream: what one turn of the event loop tells, and what comes while an entry is
 * being written, goes together in the next one. Entries are numbered by their node, so that whoever misses one knows it and
 * asks PostgreSQL. Nothing is kept while Redis is away.
 */
@Injectable()
export class RedisNodeLink implements NodeLink, OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(RedisNodeLink.name);
  private readonly writer: RedisConnection;
  private readonly reader: RedisConnection;
  private readonly stream: EventStream;
  private readonly others = new HeardNodes();
  private outbox: string[] = [];
  private writing: Promise<void> | null = null;
  private written = 0;
  private told = 0;
  private heard = 0;
  private missed = 0;
  private echoAt = -Infinity;
  private wasHearing = false;
  private isOver = false;
  private beat: NodeJS.Timeout | undefined;
  private flushing: NodeJS.Immediate | undefined;

  constructor(
    private readonly config: AppConfig,
    private readonly bus: DomainEventBus,
  ) {
    const url = config.env.REDIS_URL ?? '';
    this.writer = new RedisConnection(url, 'parley-writer');
    this.reader = new RedisConnection(url, 'parley-reader');
    this.stream = new EventStream(`${config.env.REDIS_PREFIX}:events`, this.writer, this.reader);
  }

  get isUp(): boolean {
    return performance.now() - this.echoAt <= SILENCE_MS;
  }

  get hearsOthers(): boolean {
    return this.isUp && this.others.areHeard(SILENCE_MS);
  }

  /** What operations watch. */
  get figures(): NodeFigures {
    const { isUp, told, heard, missed } = this;
    return { isUp, others: this.others.size, told, heard, missed };
  }

  /** Whether Redis answers right now. */
  async answers(): Promise<boolean> {
    return this.writer.run(['PING']).then(
      () => true,
      () => false,
    );
  }

  async onModuleInit(): Promise<void> {
    this.bus.connect(this);
    await Promise.all([this.writer.open(), this.reader.open()]);
    if (!this.writer.isUp) this.logger.warn('Redis does not answer: this node works alone until it does');
    this.beat = setInterval(() => this.onBeat(), BEAT_MS).unref();
    void this.readOn();
    this.onBeat();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.beat);
    clearImmediate(this.flushing);
    while (this.writing) await this.writing;
    // Whoever were heard once more after its goodbye would be taken for silent, and everybody with it.
    this.isOver = true;
    await this.write(true);
    this.writer.close();
    this.reader.close();
  }

  send<N extends DomainEventName>(name: N, event: DomainEvents[N]): void {
    if (this.isOver) return;
    this.told++;
    this.outbox.push(encodeEvent([name, event] as TravellingEvent));
    this.flushing ??= setImmediate(() => {
      this.flushing = undefined;
      void this.flush();
    });
  }

  private async flush(): Promise<void> {
    if (this.writing) return;
    while (this.outbox.length > 0) {
      this.writing = this.write();
      await this.writing;
      this.writing = null;
    }
  }

  private async write(isLast = false): Promise<void> {
    const events = this.outbox.splice(0, fitting(this.outbox));
    const { nodeId } = this.config;
    try {
      await this.stream.write({ nodeId, number: ++this.written, isLast, events: `[${events.join(',')}]` });
    } catch {
      // The others notice by the number; nobody waits for what is old by then.
      this.outbox = [];
    }
  }

  private onBeat(): void {
    // While nobody is heard, silence says nothing about one of them.
    if (this.isUp) for (const nodeId of this.others.forgetSilent()) this.bus.publish('nodes.gone', { nodeId });
    const { hearsOthers } = this;
    if (hearsOthers !== this.wasHearing) {
      this.wasHearing = hearsOthers;
      this.logger[hearsOthers ? 'log' : 'warn'](
        hearsOthers
          ? 'The other nodes are heard over Redis'
          : 'Other nodes are not heard over Redis; PostgreSQL is asked',
      );
      this.bus.publish('nodes.missed', {});
    }
    if (this.writing || this.flushing) return;
    this.writing = this.write();
    void this.writing.then(() => {
      this.writing = null;
      return this.flush();
    });
  }

  private async readOn(): Promise<void> {
    while (!this.isOver) {
      try {
        this.take(await this.stream.read());
      } catch {
        await sleep(RETRY_MS, undefined, { ref: false });
      }
    }
  }

  private take(entries: readonly Entry[]): void {
    let isMissed = false;
    for (const entry of entries) {
      if (entry.nodeId === this.config.nodeId) {
        this.echoAt = performance.now();
        continue;
      }
      const outcome = this.others.take(entry);
      if (outcome === 'repeated') continue;
      isMissed ||= outcome === 'gap';
      for (const [name, event] of this.decode(entry)) {
        this.heard++;
        this.bus.receive(name, event);
      }
      if (entry.isLast) this.bus.publish('nodes.gone', { nodeId: entry.nodeId });
    }
    if (isMissed) this.missed++;
    if (isMissed) this.bus.publish('nodes.missed', {});
  }

  private decode({ nodeId, events }: Entry): TravellingEvent[] {
    try {
      return decodeEvents(events);
    } catch (error) {
      this.logger.warn({ msg: 'What another node told cannot be read', nodeId, err: error as Error });
      return [];
    }
  }
}

/** How many of the first events fit into one entry; at least one. */
function fitting(events: readonly string[]): number {
  let length = 0;
  const tooMany = events.findIndex((event) => (length += event.length) > LONGEST_ENTRY);
  return tooMany < 0 ? events.length : Math.max(1, tooMany);
}
