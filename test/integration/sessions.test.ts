import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Actor } from '../../src/common/actor.js';
import { newId } from '../../src/common/ids.js';
import { DomainEventBus } from '../../src/events/domain-event-bus.js';
import { GroupsService } from '../../src/groups/groups.service.js';
import { PrismaService } from '../../src/prisma/prisma.service.js';
import { UnitOfWork } from '../../src/prisma/unit-of-work.js';
import { SessionsRepository, listQuery } from '../../src/sessions/sessions.repository.js';
import { SessionsService } from '../../src/sessions/sessions.service.js';
import type { SessionFilter } from '../../src/sessions/session.js';
import { TestApp } from '../support/app.js';

describe('sessions', () => {
  let server: TestApp;
  let prisma: PrismaService;
  let sessions: SessionsService;
  let ann: Actor;

  beforeAll(async () => {
    server = await TestApp.start();
    prisma = server.get(PrismaService);
    sessions = server.get(SessionsService);
  });

  beforeEach(async () => {
    ann = await person();
  });

  afterEach(() => void jest.restoreAllMocks());
  afterAll(() => server.close());

  async function person(): Promise<Actor> {
    const userId = newId();
    await prisma.user.create({ data: { id: userId } });
    return { userId, role: 'user', signInId: newId(), expiresAt: Infinity };
  }

  async function say(conversationId: string, seq: number, content: string, extra: object = {}): Promise<string> {
    const id = newId();
    await prisma.message.create({
      data: { id, conversationId, seq, changeSeq: seq, role: 'user', content, ...extra },
    });
    return id;
  }

  const shown: SessionFilter = { archived: false };
  const listed = async (filter: Partial<SessionFilter> = {}) =>
    (await sessions.list(ann, { ...shown, ...filter }, { limit: 100 })).items;

  it('shows the newest message that is neither deleted nor replaced, cut to 200 characters', async () => {
    const { id } = await sessions.create(ann, {});
    expect((await sessions.get(ann, id)).lastMessage).toBeUndefined();
    await say(id, 1, 'old');
    const newest = await say(id, 2, '😀'.repeat(300));
    await say(id, 3, 'replaced', { supersededById: newest });
    await say(id, 4, '', { deletedAt: new Date() });
    const expected = {
      id: newest,
      role: 'user',
      content: '😀'.repeat(200),
      createdAt: expect.any(Date),
      seq: 2,
    };
    expect((await sessions.get(ann, id)).lastMessage).toEqual(expected);
    expect((await listed())[0]?.lastMessage).toEqual(expected);
  });

  it('finds sessions by what was said in them', async () => {
    const [a, b] = [await sessions.create(ann, {}), await sessions.create(ann, { title: 'Kiwi 50%' })];
    await say(a.id, 1, 'We ate a KIWI');
    await say(b.id, 1, 'nothing');
    const replaced = await say(b.id, 2, 'papaya');
    await prisma.message.update({ where: { id: replaced }, data: { supersededById: newId() } });
    const found = async (search: string) => (await listed({ search })).map(({ id }) => id);
    expect(await found('kiwi')).toEqual([b.id, a.id]);
    expect(await found('50%')).toEqual([b.id]);
    expect(await found('papaya')).toEqual([]);
  });

  it('tells what happened after the commit, and nothing of what was rolled back', async () => {
    const told: string[] = [];
    for (const name of ['session.created', 'session.updated', 'session.deleted'] as const)
      server.get(DomainEventBus).subscribe(name, ({ ownerId }) => void (ownerId === ann.userId && told.push(name)));
    const failed = server.get(UnitOfWork).run(async () => {
      await sessions.create(ann, {});
      expect(told).toEqual([]);
      throw new Error('roll back');
    });
    await expect(failed).rejects.toThrow('roll back');
    expect([told, await listed()]).toEqual([[], []]);
    const { id } = await sessions.create(ann, {});
    await sessions.update(ann, id, { title: 'x' });
    await sessions.remove(ann, id);
    expect(told).toEqual(['session.created', 'session.updated', 'session.deleted']);
  });

  it('refuses a group that goes while a session is put into it', async () => {
    const groups = server.get(GroupsService);
    const group = await groups.create(ann, { name: 'G' });
    const { id } = await sessions.create(ann, {});
    await groups.remove(ann, group.id);
    jest.spyOn(groups, 'getOwned').mockResolvedValue(group);
    await expect(sessions.create(ann, { groupId: group.id })).rejects.toMatchObject({ code: 'GROUP_NOT_FOUND' });
    await expect(sessions.update(ann, id, { groupId: group.id })).rejects.toMatchObject({ code: 'GROUP_NOT_FOUND' });
    expect(await listed()).toHaveLength(1);
    expect(await prisma.conversation.count({ where: { session: null } })).toBe(0);
  });

  it('names a session only while it has no title', async () => {
    const { id } = await sessions.create(ann, {});
    await sessions.setTitleIfUntitled(id, '  \n ');
    expect((await sessions.get(ann, id)).title).toBeNull();
    await sessions.setTitleIfUntitled(id, 'First\n\0title');
    await sessions.setTitleIfUntitled(id, 'Second');
    expect((await sessions.get(ann, id)).title).toBe('First title');
    await sessions.setTitleIfUntitled(newId(), 'nobody');
  });

  it('tells the owner from others, from memory after the first time, until the session is deleted', async () => {
    const eve = await person();
    const { id } = await sessions.create(ann, {});
    const find = jest.spyOn(server.get(SessionsRepository), 'find');
    for (let time = 0; time < 5; time++) await sessions.assertOwner(ann.userId, id);
    await expect(sessions.assertOwner(eve.userId, id)).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' });
    expect(find).toHaveBeenCalledTimes(1);
    await sessions.remove(ann, id);
    await expect(sessions.assertOwner(ann.userId, id)).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' });
    await expect(sessions.getOwned(ann, id)).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' });
  });

  it('deletes a session of 100 000 messages with all that hangs on it', async () => {
    const { id } = await sessions.create(ann, {});
    const kept = await sessions.create(ann, {});
    await say(kept.id, 1, 'stays');
    await prisma.$executeRaw`
      INSERT INTO messages (id, conversation_id, seq, change_seq, role, content)
      SELECT gen_random_uuid(), ${id}::uuid, n, n, 'user', 'x' FROM generate_series(1, 100000) n`;
    const started = performance.now();
    await sessions.remove(ann, id);
    expect(performance.now() - started).toBeLessThan(8_000);
    expect(await prisma.message.count()).toBe(await prisma.message.count({ where: { conversationId: { not: id } } }));
    expect(await prisma.conversation.findUnique({ where: { id } })).toBeNull();
    expect((await sessions.get(ann, kept.id)).lastMessage?.content).toBe('stays');
  });

  describe('the list of a person with 5 000 sessions', () => {
    beforeEach(async () => {
      await prisma.$executeRaw`
        WITH made AS (INSERT INTO conversations (id, kind) SELECT gen_random_uuid(), 'session' FROM generate_series(1, 5000) RETURNING id)
        INSERT INTO sessions (id, owner_id, title, archived_at, updated_at)
        SELECT id, ${ann.userId}::uuid, 'Session', CASE WHEN random() < 0.1 THEN now() END, now() - random() * interval '100 days'
        FROM made`;
      await prisma.$executeRaw`
        INSERT INTO messages (id, conversation_id, seq, change_seq, role, content)
        SELECT gen_random_uuid(), s.id, n, n, 'user', 'hello' FROM sessions s, generate_series(1, 4) n
        WHERE s.owner_id = ${ann.userId}::uuid`;
      await prisma.$executeRaw`ANALYZE sessions`;
      await prisma.$executeRaw`ANALYZE messages`;
    });

    async function planOf(filter: SessionFilter, cursor?: string): Promise<string> {
      const query = listQuery(ann.userId, filter, 51, cursor);
      const rows = await prisma.$queryRawUnsafe<{ 'QUERY PLAN': string }[]>(
        `EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) ${query.text}`,
        ...query.values,
      );
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    }

    it('reads one page by the index of owner and activity, and one message of each session', async () => {
      const first = await sessions.list(ann, shown, { limit: 50 });
      for (const plan of [await planOf(shown), await planOf(shown, first.nextCursor ?? undefined)]) {
        expect(plan).toMatch(/Index Scan using sessions_owner_id_updated_at_id_idx on sessions/);
        expect(plan).toMatch(
          /Index Scan Backward using messages_conversation_id_seq_key on messages .*rows=1\.00 loops=51/,
        );
        expect(plan).not.toMatch(/Seq Scan/);
        expect(Number(/on sessions \(actual rows=(\d+)/.exec(plan)?.[1])).toBeLessThanOrEqual(51);
      }
    });

    it("searches session by session, never in everybody's messages", async () => {
      const plan = await planOf({ ...shown, search: 'hello' });
      expect(plan).toMatch(/Index Scan using messages_conversation_id_seq_key on messages .*rows=1\.00 loops=51/);
      expect(plan).not.toMatch(/Seq Scan|hashed/);
    });

    it('pages through all of them, each once, in order', async () => {
      const seen: string[] = [];
      let cursor: string | undefined;
      let previous = Infinity;
      do {
        const page = await sessions.list(ann, shown, { limit: 100, ...(cursor === undefined ? {} : { cursor }) });
        for (const { id, updatedAt } of page.items) {
          expect(updatedAt.getTime()).toBeLessThanOrEqual(previous);
          previous = updatedAt.getTime();
          seen.push(id);
        }
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.length).toBe(await prisma.session.count({ where: { ownerId: ann.userId, archivedAt: null } }));
    });
  });
});
