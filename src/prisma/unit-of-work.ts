import { Injectable } from '@nestjs/common';
import { PrismaService } from './prisma.service.js';
import { outsideTransaction, transactionScopes, type TransactionScope } from './transaction-scope.js';

/** Makes several repository calls one transaction. */
@Injectable()
export class UnitOfWork {
  constructor(private readonly prisma: PrismaService) {}

  /**
   * Runs `work` in a transaction; a call inside another one joins it. What `beforeCommit` collected runs as its last part,
   * what `afterCommit` collected after the commit.
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (transactionScopes.getStore()) return work();
    const effects: (() => void)[] = [];
    const result = await this.prisma.$transaction((transaction) => {
      const scope: TransactionScope = { transaction, beforeCommit: [], afterCommit: effects };
      return transactionScopes.run(scope, async () => {
        const done = await work();
        for (let last = scope.beforeCommit.shift(); last; last = scope.beforeCommit.shift()) await last();
        return done;
      });
    });
    for (const effect of effects) effect();
    return result;
  }

  /** Runs `work` outside of the transaction under way: what it writes stays when that one is rolled back. */
  outside<T>(work: () => Promise<T>): Promise<T> {
    return outsideTransaction(work);
  }
}
