import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { SharedLimits } from '../common/limits/shared-limits.js';
import { AppConfig } from '../config/app-config.js';
import { RedisConnection } from './redis-connection.js';

/** Milliseconds. A limit is not worth waiting for longer; after one such wait nobody waits until Redis is back. */
const PATIENCE_MS = 250;

const HIT = `local hits = redis.call('INCR', KEYS[1])
if hits == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return { hits, redis.call('PTTL', KEYS[1]) }`;

const CLAIM = `local holder = redis.call('GET', KEYS[1])
if not holder then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) return 0 end
if holder == ARGV[1] then return 0 end
return redis.call('PTTL', KEYS[1])`;

const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end return 0`;

/** Limits in Redis, by its clock: one script, and so one moment, each. */
@Injectable()
export class RedisLimits extends SharedLimits implements OnModuleInit, OnApplicationShutdown {
  private readonly connection: RedisConnection;
  private readonly prefix: string;

  constructor({ env }: AppConfig) {
    super();
    this.connection = new RedisConnection(env.REDIS_URL ?? '', 'parley-limits');
    this.prefix = `${env.REDIS_PREFIX}:limit:`;
  }

  async onModuleInit(): Promise<void> {
    await this.connection.open();
  }

  onApplicationShutdown(): void {
    this.connection.close();
  }

  async hit(key: string, windowMs: number): Promise<{ hits: number; endsInMs: number } | null> {
    const reply = await this.run<[number, number]>(HIT, key, [String(windowMs)]);
    return reply && { hits: reply[0], endsInMs: reply[1] };
  }

  claim(key: string, holder: string, forMs: number): Promise<number | null> {
    return this.run<number>(CLAIM, key, [holder, String(forMs)]);
  }

  async release(key: string, holder: string): Promise<void> {
    await this.run(RELEASE, key, [holder]);
  }

  private async run<T>(script: string, key: string, values: readonly string[]): Promise<T | null> {
    try {
      return (await this.connection.run(['EVAL', script, '1', this.prefix + key, ...values], PATIENCE_MS)) as T;
    } catch {
      return null;
    }
  }
}
