import { AsyncLocalStorage } from 'node:async_hooks';
import type { Prisma } from './generated/client.js';

export interface TransactionScope {
  readonly transaction: Prisma.TransactionClient;
  readonly beforeCommit: (() => Promise<void>)[];
  readonly afterCommit: (() => void)[];
}

export const transactionScopes = new AsyncLocalStorage<TransactionScope>();

/** The transaction that the current call chain runs in, if any. */
export function currentTransaction(): Prisma.TransactionClient | undefined {
  return transactionScopes.getStore()?.transaction;
}

/** Makes `effect` the last part of the current transaction, and says so; without one nothing is done. */
export function beforeCommit(effect: () => Promise<void>): boolean {
  const scope = transactionScopes.getStore();
  scope?.beforeCommit.push(effect);
  return scope !== undefined;
}

/** Runs `effect` once the current transaction is committed - never when it is rolled back - or at once outside of one. */
export function afterCommit(effect: () => void): void {
  const scope = transactionScopes.getStore();
  if (scope) scope.afterCommit.push(effect);
  else effect();
}

/** Runs `work` outside of the transaction under way, if any: for what is done for several callers at once. */
export function outsideTransaction<T>(work: () => Promise<T>): Promise<T> {
  return transactionScopes.exit(async () => work());
}
