import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { PgBossJobQueue } from '../../src/jobs/pg-boss-job-queue.js';
import { DatabaseAddress } from '../../src/prisma/database-address.js';
import { DatabaseClock } from '../../src/prisma/database-clock.js';
import { PrismaService } from '../../src/prisma/prisma.service.js';
import { UnitOfWork } from '../../src/prisma/unit-of-work.js';
import { createTestDatabase, testConfig, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';

let database: TestDatabase;
let prisma: PrismaService;
let unitOfWork: UnitOfWork;
const queues: PgBossJobQueue[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  prisma = new PrismaService(new DatabaseAddress(database.url, false), testConfig());
  unitOfWork = new UnitOfWork(prisma);
});

afterEach(async () => {
  await Promise.all(queues.splice(0).map((queue) => queue.stop(1_000)));
});

afterAll(async () => {
  await prisma.onApplicationShutdown();
  await database.drop();
});

function aQueue(): PgBossJobQueue {
  const queue = new PgBossJobQueue(new DatabaseAddress(database.url, false), testConfig(), new DatabaseClock(prisma));
  queues.push(queue);
  return queue;
}

describe('the job queue', () => {
  it('does a job of a unit of work when that is committed, and none of one that is rolled back', async () => {
    const queue = aQueue();
    const done: string[] = [];
    queue.work('commits', { concurrency: 4 }, (lane) => Promise.resolve(void done.push(lane)));
    await unitOfWork.run(() => queue.add('commits', 'kept'));
    await expect(
      unitOfWork.run(async () => {
        await queue.add('commits', 'dropped');
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    await queue.add('commits', 'last');
    await eventually(() => done.includes('last'));
    expect(done.sort()).toEqual(['kept', 'last']);
  });

  it('does the jobs of a lane one after another, of different lanes side by side, on several nodes', async () => {
    const underWay = new Map<string, number>();
    let most = 0;
    let overlaps = 0;
    let done = 0;
    const handler = async (lane: string) => {
      const here = (underWay.get(lane) ?? 0) + 1;
      underWay.set(lane, here);
      if (here > 1) overlaps++;
      most = Math.max(most, [...underWay.values()].filter((count) => count > 0).length);
      await sleep(20);
      underWay.set(lane, here - 1);
      done++;
    };
    const nodes = [aQueue(), aQueue()];
    for (const node of nodes) node.work('lanes', { concurrency: 8 }, handler);
    for (let round = 0; round < 5; round++)
      for (let lane = 0; lane < 10; lane++) await nodes[(lane + round) % 2]!.add('lanes', `lane ${lane}`);
    await eventually(() => done === 50, 30_000);
    expect(overlaps).toBe(0);
    expect(most).toBeGreaterThan(2);
  });

  it('does a job again that failed, before the others of its lane', async () => {
    const queue = aQueue();
    const tries: string[] = [];
    queue.work('retries', { concurrency: 4 }, (lane) => {
      tries.push(lane);
      return tries.length === 1 ? Promise.reject(new Error('not yet')) : Promise.resolve();
    });
    await queue.add('retries', 'a');
    await queue.add('retries', 'a');
    await eventually(() => tries.length === 3, 20_000);
  });

  it('waits as long as a job says', async () => {
    const queue = aQueue();
    let at = 0;
    queue.work('delays', { concurrency: 4 }, () => Promise.resolve(void (at = performance.now())));
    const added = performance.now();
    await queue.add('delays', 'a', 700);
    await eventually(() => at > 0, 20_000);
    expect(at - added).toBeGreaterThanOrEqual(690);
  });
});
