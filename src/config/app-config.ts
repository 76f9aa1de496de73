import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { randomBytes } from 'node:crypto';
import { keptSecret } from './kept-secret.js';
import { parseEnv, type Env } from './env.schema.js';

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
