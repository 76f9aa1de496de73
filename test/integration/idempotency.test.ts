import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AppError } from '../../src/common/errors/app-error.js';
import { fingerprintOf } from '../../src/idempotency/fingerprint.js';
import { IdempotencyRepository } from '../../src/idempotency/idempotency.repository.js';
import { IdempotencyService, type Answer } from '../../src/idempotency/idempotency.service.js';
import { DatabaseAddress } from '../../src/prisma/database-address.js';
import { PrismaService } from '../../src/prisma/prisma.service.js';
import { afterCommit } from '../../src/prisma/transaction-scope.js';
import { UnitOfWork } from '../../src/prisma/unit-of-work.js';
import { createTestDatabase, testConfig, type TestDatabase } from '../support/database.js';

/** Tells each time a key is asked for. */
class WatchedRepository extends IdempotencyRepository {
  claims = 0;
  onClaim: (count: number) => void = () => undefined;

  override claim(...args: Parameters<IdempotencyRepository['claim']>): Promise<boolean> {
    this.onClaim(++this.claims);
    return super.claim(...args);
  }
}

function gate(): { opened: Promise<void>; open: () => void } {
  let open = () => undefined as void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

describe('idempotent requests on several nodes', () => {
  let database: TestDatabase;
  let nodes: ReturnType<typeof startNode>[];
  let actor: { userId: string };
  const request = (key: string, body: unknown = {}) => ({ key, fingerprint: fingerprintOf('POST', '/x', body) });
  const answering = (body: unknown) => (): Promise<Answer> => Promise.resolve({ statusCode: 201, body });

  function startNode() {
    const prisma = new PrismaService(new DatabaseAddress(database.url, false), testConfig());
    const keys = new WatchedRepository(prisma);
    return { prisma, keys, service: new IdempotencyService(new UnitOfWork(prisma), keys) };
  }

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  beforeEach(async () => {
    nodes = [startNode(), startNode()];
    actor = { userId: randomUUID() };
    await node(0).prisma.user.create({ data: { id: actor.userId } });
  });

  afterEach(() => Promise.all(nodes.map(({ prisma }) => prisma.$disconnect())));
  afterAll(() => database.drop());

  function node(index: number): ReturnType<typeof startNode> {
    const found = nodes[index];
    if (!found) throw new Error('no such node');
    return found;
  }

  it('lets a twin on another node wait for the first and gives it the same answer', async () => {
    const { opened, open } = gate();
    const begun = gate();
    let runs = 0;
    const first = node(0).service.run(actor, request('k'), async () => {
      runs++;
      begun.open();
      await opened;
      return { statusCode: 202, body: { b: 1, a: 2 } };
    });
    await begun.opened;
    node(1).keys.onClaim = open;
    const second = node(1).service.run(actor, request('k'), () => Promise.reject(new Error('must not run')));
    expect(await first).toEqual({ statusCode: 202, body: { b: 1, a: 2 }, replayed: false });
    const again = await second;
    expect(again).toEqual({ statusCode: 202, body: { b: 1, a: 2 }, replayed: true });
    expect(Object.keys(again.body as object)).toEqual(['b', 'a']);
    expect(runs).toBe(1);
  });

  it('waits on when the first takes longer than the lock timeout', async () => {
    const { opened, open } = gate();
    const begun = gate();
    const first = node(0).service.run(actor, request('slow'), async () => {
      begun.open();
      await opened;
      return { statusCode: 201, body: 'done' };
    });
    await begun.opened;
    // The second question comes only after the first has run into the timeout.
    node(1).keys.onClaim = (count) => count === 2 && open();
    const second = await node(1).service.run(actor, request('slow'), answering('must not be'));
    expect(second).toEqual({ statusCode: 201, body: 'done', replayed: true });
    await first;
    expect(node(1).keys.claims).toBe(2);
  });

  it('runs the twin when the first fails', async () => {
    const { opened, open } = gate();
    const begun = gate();
    const first = node(0).service.run(actor, request('f'), async () => {
      begun.open();
      await opened;
      throw new AppError('SERVER_BUSY');
    });
    await begun.opened;
    node(1).keys.onClaim = open;
    const second = node(1).service.run(actor, request('f'), answering('second'));
    await expect(first).rejects.toMatchObject({ code: 'SERVER_BUSY' });
    expect(await second).toEqual({ statusCode: 201, body: 'second', replayed: false });
  });

  it('gives simultaneous twins on one node the failure of the first, which runs once', async () => {
    let runs = 0;
    const fail = () => {
      runs++;
      return Promise.reject(new AppError('GROUP_NOT_FOUND'));
    };
    const twins = await Promise.allSettled(
      Array.from({ length: 20 }, () => node(0).service.run(actor, request('fail'), fail)),
    );
    expect(twins.every(({ status }) => status === 'rejected')).toBe(true);
    expect(runs).toBe(1);
    expect((await node(0).service.run(actor, request('fail'), answering(1))).replayed).toBe(false);
  });

  it('takes one connection for any number of twins on a node', async () => {
    const { opened, open } = gate();
    const begun = gate();
    const twins = Array.from({ length: 30 }, () =>
      node(0).service.run(actor, request('many'), async () => {
        begun.open();
        await opened;
        return { statusCode: 201, body: null };
      }),
    );
    await begun.opened;
    expect(node(0).keys.claims).toBe(1);
    open();
    expect((await Promise.all(twins)).filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(node(0).keys.claims).toBe(1);
  });

  it('tells what happened once, after the commit, and not again for a repetition', async () => {
    const told: string[] = [];
    const work = () => {
      afterCommit(() => told.push('told'));
      expect(told).toEqual([]);
      return Promise.resolve({ statusCode: 201, body: {} });
    };
    await node(0).service.run(actor, request('told'), work);
    await node(1).service.run(actor, request('told'), work);
    expect(told).toEqual(['told']);
  });

  it('keeps texts that jsonb could not hold', async () => {
    const body = { nul: 'a\u0000b', half: '\ud800', big: 1e300 };
    await node(0).service.run(actor, request('odd'), answering(body));
    expect((await node(1).service.run(actor, request('odd'), answering(0))).body).toEqual(body);
  });

  it('refuses to be part of a larger transaction, whose rollback it would not notice', async () => {
    const unitOfWork = new UnitOfWork(node(0).prisma);
    await expect(unitOfWork.run(() => node(0).service.run(actor, request('inner'), answering(1)))).rejects.toThrow(
      'outermost',
    );
  });

  it('forgets keys after two days', async () => {
    for (const key of ['old', 'new']) await node(0).service.run(actor, request(key), answering(key));
    await node(0).prisma.$executeRaw`
      UPDATE idempotency_keys SET created_at = now() - interval '49 hours'
      WHERE user_id = ${actor.userId}::uuid AND key = 'old'`;
    await node(0).service.purge();
    const left = await node(0).prisma.idempotencyKey.findMany({ where: { userId: actor.userId } });
    expect(left.map(({ key }) => key)).toEqual(['new']);
  });
});
