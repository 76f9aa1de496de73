import { Global, Module } from '@nestjs/common';
import { RedisNodeLink } from './redis-node-link.js';

/** Makes several nodes on one PostgreSQL and one Redis behave as one server; a lone node goes without. */
@Global()
@Module({ providers: [RedisNodeLink], exports: [RedisNodeLink] })
export class RedisModule {}
