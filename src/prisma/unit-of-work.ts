import { Injectable } from '@nestjs/common';
import { PrismaService } from './prisma.service.js';
import { transactionScopes } from './transaction-scope.js';

/** Makes several repository calls one transaction. */
@Injectable()
export class UnitOfWork {
  constructor(private readonly prisma: PrismaService) {}

  /** Runs `work` in a transaction; a call inside another one joins it. What `afterCommit` collected runs after the commit. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (transactionScopes.getStore()) return work();
    const effects: (() => void)[] = [];
    const result = await this.prisma.$transaction((transaction) =>
      transactionScopes.run({ transaction, afterCommit: effects }, work),
    );
    for (const effect of effects) effect();
    return result;
  }

  /** Runs `work` outside of the transaction under way: what it writes stays when that one is rolled back. */
  outside<T>(work: () => Promise<T>): Promise<T> {
    return transactionScopes.exit(work);
  }
}
