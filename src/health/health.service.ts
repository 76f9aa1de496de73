import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { ReadinessState } from './readiness-state.js';

export type HealthStatus = 'ok' | 'degraded' | 'error';

/** What a check found. Shown to everybody: no addresses, no keys, no texts of errors. */
export interface CheckDetail {
  /** `ok` when left out. */
  status?: HealthStatus;
  [fact: string]: unknown;
}

export interface HealthCheck {
  /** Whether this node is of no use while the check fails; the others only make it `degraded`. */
  critical: boolean;
  /** Rejecting or taking longer than `CHECK_LIMIT_MS` is the status `error`. */
  check(): Promise<CheckDetail>;
}

export interface HealthReport {
  status: HealthStatus;
  timestamp: string;
  /** Seconds since the start of the process. */
  uptime: number;
  environment: string;
  version: string;
  checks: Record<string, CheckDetail & { status: HealthStatus }>;
}

const CHECK_LIMIT_MS = 2_000;
/** However often it is asked, a check runs once in this time. */
const FRESH_FOR_MS = 1_000;

type Checks = HealthReport['checks'];

/** Asks everything that this node depends on how it is. */
@Injectable()
export class HealthService {
  private readonly logger = new Logger(HealthService.name);
  private readonly checks = new Map<string, HealthCheck>();
  private readonly latest = new Map<string, HealthStatus>();
  private asked: { at: number; results: Promise<Checks> } | null = null;

  constructor(
    private readonly config: AppConfig,
    private readonly readiness: ReadinessState,
  ) {}

  /** Adds a check under a name that is not taken yet. */
  register(name: string, check: HealthCheck): void {
    if (this.checks.has(name)) throw new Error(`There is a health check "${name}" already`);
    this.checks.set(name, check);
    this.asked = null;
  }

  /** `error`: this node cannot serve, or is leaving. */
  async report(): Promise<HealthReport> {
    const checks = await this.results();
    return {
      status: this.readiness.isDraining ? 'error' : this.overall(checks),
      timestamp: new Date().toISOString(),
      uptime: Math.round(process.uptime()),
      environment: this.config.env.NODE_ENV,
      version: this.config.version,
      checks,
    };
  }

  /** Why no traffic should come here now; empty when it may. */
  async reasonsNotReady(): Promise<string[]> {
    if (this.readiness.isDraining) return ['draining'];
    const checks = await this.results();
    return [...this.checks]
      .filter(([name, { critical }]) => critical && checks[name]?.status === 'error')
      .map(([name]) => name);
  }

  private overall(checks: Checks): HealthStatus {
    const statuses = Object.entries(checks).map(([name, { status }]) =>
      status === 'error' && !this.checks.get(name)?.critical ? 'degraded' : status,
    );
    return statuses.includes('error') ? 'error' : statuses.includes('degraded') ? 'degraded' : 'ok';
  }

  private results(): Promise<Checks> {
    const now = performance.now();
    if (!this.asked || now - this.asked.at >= FRESH_FOR_MS) this.asked = { at: now, results: this.runAll() };
    return this.asked.results;
  }

  private async runAll(): Promise<Checks> {
    const entries = [...this.checks].map(async ([name, check]) => [name, await this.run(name, check)] as const);
    return Object.fromEntries(await Promise.all(entries));
  }

  private async run(name: string, check: HealthCheck): Promise<CheckDetail & { status: HealthStatus }> {
    try {
      const detail = await withinLimit(check.check());
      const status = detail.status ?? 'ok';
      this.noteChange(name, status);
      return { ...detail, status };
    } catch (error) {
      this.noteChange(name, 'error', error);
      return { status: 'error' };
    }
  }

  private noteChange(name: string, status: HealthStatus, error?: unknown): void {
    const before = this.latest.get(name) ?? 'ok';
    this.latest.set(name, status);
    if (status === before) return;
    const fields = { msg: `Health of ${name}: ${status}`, check: name, ...(error === undefined ? {} : { err: error }) };
    if (status === 'ok') this.logger.log(fields);
    else this.logger.warn(fields);
  }
}

async function withinLimit<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${CHECK_LIMIT_MS} ms`)), CHECK_LIMIT_MS);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
