import { AsyncLocalStorage } from 'node:async_hooks';
import type { Prisma } from './generated/client.js';

export interface TransactionScope {
  readonly transaction: Prisma.TransactionClient;
  readonly afterCommit: (() => void)[];
}

export const transactionScopes = new AsyncLocalStorage<TransactionScope>();

/** The transaction that the current call chain runs in, if any. */
export function currentTransaction(): Prisma.TransactionClient | undefined {
  return transactionScopes.getStore()?.transaction;
}

/** Runs `effect` once the current transaction is committed - never when it is rolled back - or at once outside of one. */
export function afterCommit(effect: () => void): void {
  const scope = transactionScopes.getStore();
  if (scope) scope.afterCommit.push(effect);
  else effect();
}
