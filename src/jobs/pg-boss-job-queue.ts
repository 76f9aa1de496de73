import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { PgBoss, fromPrisma, type JobWithMetadata } from 'pg-boss';
import { isDatabaseUnavailable } from '../common/errors/describe-error.js';
import { AppConfig } from '../config/app-config.js';
import { DatabaseAddress } from '../prisma/database-address.js';
import { DatabaseClock } from '../prisma/database-clock.js';
import { afterCommit, currentTransaction } from '../prisma/transaction-scope.js';
import { JobQueue, type JobHandler, type QueueRules } from './job-queue.js';

/** How often a queue is asked without having been told: jobs of other nodes, and jobs whose time has come. */
const POLL_MS = 500;
/** After this long without a sign of life from its node (pg-boss takes 10 s at least) a job is given to another one. */
const HEARTBEAT_S = 10;
const SUPERVISE_S = 3;
const LONGEST_JOB_S = 900;
const DONE_KEPT_S = 60;
const RETRY_DELAY_S = 1;
const LONGEST_RETRY_DELAY_S = 60;
const CONNECTIONS = 3;

interface Work {
  readonly handler: JobHandler;
  readonly rules: QueueRules;
  readonly active: Map<string, { done: Promise<void>; abort: AbortController; job: JobWithMetadata }>;
  wake: () => void;
}

/**
 * Jobs in PostgreSQL through pg-boss. A lane is a key of a `key_strict_fifo` queue: while one of its jobs is active or
 * waits for a repetition, no other one is handed out.
 */
@Injectable()
export class PgBossJobQueue extends JobQueue implements OnApplicationShutdown {
  private readonly logger = new Logger('JobQueue');
  private readonly boss: PgBoss;
  private readonly works = new Map<string, Work>();
  private readonly queues = new Map<string, Promise<void>>();
  private started: Promise<void> | null = null;
  private readonly stopping = new AbortController();
  private readonly loops: Promise<void>[] = [];

  constructor(
    address: DatabaseAddress,
    config: AppConfig,
    private readonly clock: DatabaseClock,
  ) {
    super();
    this.boss = new PgBoss({
      connectionString: address.url,
      application_name: `parley jobs ${config.nodeId}`,
      max: CONNECTIONS,
      connectionTimeoutMillis: 5_000,
      schedule: false,
      superviseIntervalSeconds: SUPERVISE_S,
      monitorIntervalSeconds: SUPERVISE_S,
    });
    this.boss.on('error', (error: unknown) => this.report('The job queue has a problem', error));
  }

  async add(queue: string, lane: string, delayMs = 0): Promise<void> {
    await this.opened(queue);
    const transaction = currentTransaction();
    await this.boss.send(queue, null, {
      singletonKey: lane,
      // pg-boss counts whole seconds when it is given a number.
      ...(delayMs > 0 ? { startAfter: new Date(this.clock.now() + delayMs) } : {}),
      ...(transaction ? { db: fromPrisma(transaction) } : {}),
    });
    afterCommit(() => this.works.get(queue)?.wake());
  }

  work(queue: string, rules: QueueRules, handler: JobHandler): void {
    const work: Work = { handler, rules, active: new Map(), wake: () => undefined };
    this.works.set(queue, work);
    this.loops.push(this.loop(queue, work), this.keepAlive(queue, work));
  }

  async stop(graceMs: number): Promise<void> {
    if (this.stopping.signal.aborted) return;
    this.stopping.abort();
    const active = [...this.works.values()].flatMap((work) => [...work.active.values()]);
    for (const { abort } of active) abort.abort();
    for (const work of this.works.values()) work.wake();
    const grace = new AbortController();
    await Promise.race([
      Promise.all([...this.loops, ...active.map(({ done }) => done)]),
      sleep(graceMs, undefined, { signal: grace.signal }).catch(() => undefined),
    ]);
    grace.abort();
    if (this.started) await this.boss.stop({ graceful: false }).catch(() => undefined);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.stop(0);
  }

  /** Starts pg-boss and makes the queue when somebody first asks for it; a failure is tried again by the next one. */
  private async opened(queue: string): Promise<void> {
    this.started ??= this.boss.start().then(
      () => undefined,
      (error: unknown) => {
        this.started = null;
        throw error;
      },
    );
    await this.started;
    let opened = this.queues.get(queue);
    if (!opened) {
      opened = this.boss.createQueue(queue, {
        policy: 'key_strict_fifo',
        retryLimit: 1_000_000,
        retryDelay: RETRY_DELAY_S,
        retryBackoff: true,
        retryDelayMax: LONGEST_RETRY_DELAY_S,
        expireInSeconds: LONGEST_JOB_S,
        heartbeatSeconds: HEARTBEAT_S,
        deleteAfterSeconds: DONE_KEPT_S,
      });
      this.queues.set(queue, opened);
      opened.catch(() => this.queues.delete(queue));
    }
    await opened;
  }

  private async loop(queue: string, work: Work): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const woken = new Promise<void>((resolve) => (work.wake = resolve));
      const free = work.rules.concurrency - work.active.size;
      const fetched = free > 0 ? await this.fetch(queue, free) : 0;
      if (fetched > 0 && fetched === free) continue;
      const rest = new AbortController();
      await Promise.race([woken, sleep(POLL_MS, undefined, { signal: rest.signal }).catch(() => undefined)]);
      rest.abort();
    }
  }

  private async fetch(queue: string, batchSize: number): Promise<number> {
    try {
      await this.opened(queue);
      const jobs = await this.boss.fetch<object>(queue, { batchSize, includeMetadata: true });
      for (const job of jobs) this.begin(queue, job);
      return jobs.length;
    } catch (error) {
      this.report('Jobs cannot be fetched', error);
      return 0;
    }
  }

  private begin(queue: string, job: JobWithMetadata): void {
    const work = this.works.get(queue);
    if (!work) return;
    const abort = new AbortController();
    const done = this.run(queue, work, job, abort.signal).finally(() => {
      work.active.delete(job.id);
      work.wake();
    });
    work.active.set(job.id, { done, abort, job });
  }

  private async run(queue: string, work: Work, job: JobWithMetadata, signal: AbortSignal): Promise<void> {
    try {
      await work.handler(job.singletonKey ?? '', signal);
      await this.boss.complete(queue, job);
    } catch (error) {
      this.report('A job failed and will be done again', error);
      // When this fails too, the missing sign of life gives the job to somebody else.
      await this.boss.fail(queue, job).catch(() => undefined);
    }
  }

  private async keepAlive(queue: string, work: Work): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await sleep((HEARTBEAT_S * 1000) / 4, undefined, { signal }).catch(() => undefined);
      const jobs = [...work.active.values()].map(({ job }) => job);
      if (jobs.length === 0 || signal.aborted) continue;
      await this.boss.touch(queue, jobs).catch((error: unknown) => this.report('Jobs cannot be kept', error));
    }
  }

  private report(msg: string, error: unknown): void {
    if (this.stopping.signal.aborted) return;
    if (isDatabaseUnavailable(error)) this.logger.warn({ msg: `${msg}: the database cannot be reached` });
    else this.logger.error({ msg, err: error });
  }
}
