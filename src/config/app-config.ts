import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { randomBytes } from 'node:crypto';
import { keptSecret } from './kept-secret.js';
import { parseEnv, type Env } from './env.schema.js';

export interface Limits {
  registrationsPerHour: number;
  requestsPerMinute: number;
  commandsPerMinute: number;
  socketsPerUser: number;
  socketsPerAddress: number;
  /** Answers of one person under way at once, and waiting. */
  runningAnswersPerUser: number;
  waitingAnswersPerUser: number;
}

const PRODUCTION_LIMITS: Limits = {
  registrationsPerHour: 30,
  requestsPerMinute: 6_000,
  commandsPerMinute: 6_000,
  socketsPerUser: 20,
  socketsPerAddress: 1_000,
  runningAnswersPerUser: 8,
  waitingAnswersPerUser: 20,
};
const OTHER_LIMITS: Limits = {
  registrationsPerHour: 10_000,
  requestsPerMinute: 600_000,
  commandsPerMinute: 600_000,
  socketsPerUser: 1_000,
  socketsPerAddress: 100_000,
  runningAnswersPerUser: 100,
  waitingAnswersPerUser: 1_000,
};

/** The typed configuration; nothing else reads the environment. */
export class AppConfig {
  readonly env: Env;
  /** Names this process among the nodes of one installation, and from its own earlier lives. */
  readonly nodeId = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
  readonly version = (
    JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
  ).version;

  private constructor(env: Env) {
    this.env = env;
  }

  /** @throws ConfigError */
  static from(source: Readonly<Record<string, string | undefined>>): AppConfig {
    return new AppConfig(parseEnv(source));
  }

  get isProduction(): boolean {
    return this.env.NODE_ENV === 'production';
  }

  get dataDir(): string {
    return resolve(this.env.DATA_DIR);
  }

  /** The PostgreSQL to use, or null for the embedded one. */
  get databaseUrl(): string | null {
    const { DATABASE_URL, DB_HOST, DB_PORT, DB_USER, DB_PASSWORD, DB_NAME } = this.env;
    if (DATABASE_URL) return DATABASE_URL;
    if (!DB_HOST) return null;
    const login = encodeURIComponent(DB_USER ?? '') + (DB_PASSWORD ? `:${encodeURIComponent(DB_PASSWORD)}` : '');
    return `postgresql://${login}@${DB_HOST}:${DB_PORT}/${encodeURIComponent(DB_NAME)}`;
  }

  /** The given one, else one that is made once and kept in the data folder (never in production, which demands one). */
  get jwtSecret(): string {
    return this.env.JWT_SECRET ?? keptSecret(this.dataDir, 'jwt-secret');
  }

  /** Whether people without an account may talk to the assistant. */
  get allowsAnonymousChat(): boolean {
    return this.env.ANONYMOUS_CHAT ?? this.env.NODE_ENV === 'development';
  }

  /** What one person or address may do. Outside of production nobody is to be kept out, tests and load tools least of all. */
  get limits(): Limits {
    const { env } = this;
    const byDefault = this.isProduction ? PRODUCTION_LIMITS : OTHER_LIMITS;
    return {
      registrationsPerHour: env.REGISTER_LIMIT_PER_HOUR ?? byDefault.registrationsPerHour,
      requestsPerMinute: env.REST_LIMIT_PER_MINUTE ?? byDefault.requestsPerMinute,
      commandsPerMinute: env.SOCKET_EVENTS_PER_MINUTE ?? byDefault.commandsPerMinute,
      socketsPerUser: env.MAX_SOCKETS_PER_USER ?? byDefault.socketsPerUser,
      socketsPerAddress: env.MAX_SOCKETS_PER_ADDRESS ?? byDefault.socketsPerAddress,
      runningAnswersPerUser: env.AI_MAX_RUNNING_PER_USER ?? byDefault.runningAnswersPerUser,
      waitingAnswersPerUser: byDefault.waitingAnswersPerUser,
    };
  }

  get publicUrl(): string {
    return (this.env.PUBLIC_URL ?? `http://localhost:${this.env.PORT}`).replace(/\/$/, '');
  }

  /** Origins that browsers may come from: the pages' own, the front-end's and the listed ones. */
  get allowedOrigins(): ReadonlySet<string> {
    const { FRONTEND_URL, ALLOWED_ORIGINS } = this.env;
    return new Set(
      [FRONTEND_URL, this.env.PUBLIC_URL, ...ALLOWED_ORIGINS]
        .filter((url) => url !== undefined)
        .map((url) => new URL(url).origin),
    );
  }
}
