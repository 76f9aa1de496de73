import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { clientAddress } from '../../common/http/client-address.js';
import { addressKey } from '../../common/limits/address-key.js';
import { AppError } from '../../common/errors/app-error.js';
import { AppConfig } from '../../config/app-config.js';

/** Bounds live connections per address and per person, over all doors that stay open. */
@Injectable()
export class ConnectionLimits {
  private readonly open = new Map<string, number>();

  constructor(private readonly config: AppConfig) {}

  /** Counts a connection in; the returned function counts it out. @throws AppError TOO_MANY_CONNECTIONS */
  admit(request: IncomingMessage, userId: string | null): () => void {
    const { socketsPerUser, socketsPerAddress } = this.config.limits;
    const address = addressKey(clientAddress(request, this.config.env.TRUST_PROXY));
    const counted = [
      { key: `address ${address}`, most: socketsPerAddress },
      ...(userId === null ? [] : [{ key: `user ${userId}`, most: socketsPerUser }]),
    ];
    if (counted.some(({ key, most }) => (this.open.get(key) ?? 0) >= most))
      throw new AppError('TOO_MANY_CONNECTIONS', { retryAfterSeconds: 10 });
    for (const { key } of counted) this.open.set(key, (this.open.get(key) ?? 0) + 1);
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      for (const { key } of counted) {
        const left = (this.open.get(key) ?? 1) - 1;
        if (left === 0) this.open.delete(key);
        else this.open.set(key, left);
      }
    };
  }
}
