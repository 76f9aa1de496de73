import { Injectable, type ExecutionContext } from '@nestjs/common';
import { ThrottlerGuard, type ThrottlerLimitDetail } from '@nestjs/throttler';
import type { Request } from 'express';
import type { Actor } from '../common/actor.js';
import { AppError } from '../common/errors/app-error.js';
import { addressKey } from '../common/limits/address-key.js';

/** Bounds REST requests per person, or per address where nobody is signed in. Sockets count their own commands. */
@Injectable()
export class RequestThrottleGuard extends ThrottlerGuard {
  protected override shouldSkip(context: ExecutionContext): Promise<boolean> {
    return Promise.resolve(context.getType() !== 'http');
  }

  protected override getTracker(request: Record<string, unknown>): Promise<string> {
    const { actor, ip } = request as unknown as Request & { actor?: Actor };
    return Promise.resolve(actor ? `user ${actor.userId}` : `address ${addressKey(ip)}`);
  }

  /** One count for all routes. */
  protected override generateKey(_context: ExecutionContext, tracker: string): string {
    return tracker;
  }

  protected override throwThrottlingException(_context: ExecutionContext, detail: ThrottlerLimitDetail): Promise<void> {
    throw new AppError('RATE_LIMITED', { retryAfterSeconds: detail.timeToBlockExpire });
  }
}
