import { Global, Module } from '@nestjs/common';
import { SharedLimits } from '../common/limits/shared-limits.js';
import { RedisCheck } from './redis.check.js';
import { RedisLimits } from './redis-limits.js';
import { RedisNodeLink } from './redis-node-link.js';

/** Makes several nodes on one PostgreSQL and one Redis behave as one server; a lone node goes without. */
@Global()
@Module({
  providers: [RedisCheck, RedisNodeLink, { provide: SharedLimits, useClass: RedisLimits }],
  exports: [RedisNodeLink, SharedLimits],
})
export class RedisModule {}
