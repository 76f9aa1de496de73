import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/common/ids.js';
import { DomainEventBus } from '../../src/events/domain-event-bus.js';
import { PrismaService } from '../../src/prisma/prisma.service.js';
import { TestApp } from '../support/app.js';
import type { Answer, Person } from '../support/person.js';

interface Created {
  id: string;
}

describe('Idempotency-Key', () => {
  let server: TestApp;
  let ann: Person;

  beforeAll(async () => {
    server = await TestApp.start();
    ann = await server.person();
  });

  afterAll(() => server.close());

  const named = (who: Person, key: string, name: string) =>
    who.post<Created>('/groups', { name }, { 'idempotency-key': key });
  const replayed = ({ headers }: Answer) => headers.get('idempotent-replayed');
  const rows = async (who: Person) => (await who.get<unknown[]>('/groups?limit=100')).body.length;
  const refusal = ({ status, body }: Answer) => [status, (body as { code: string }).code];

  it('makes one row of fifty simultaneous twins and answers all alike, exactly one as the first', async () => {
    const twins = await Promise.all(Array.from({ length: 50 }, () => named(ann, 'fifty', 'Fifty')));
    expect(new Set(twins.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(twins.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(twins.filter((twin) => replayed(twin) === null)).toHaveLength(1);
    expect(twins.filter((twin) => replayed(twin) === 'true')).toHaveLength(49);
    expect(await rows(ann)).toBe(1);
  });

  it('makes one message and one answer of fifty simultaneous twins', async () => {
    const session = (await ann.post<Created>('/sessions')).body;
    const answered = new Promise<void>((resolve) =>
      server.get(DomainEventBus).subscribe('message.updated', ({ message, finished }) => {
        if (finished && message.conversationId === session.id) resolve();
      }),
    );
    const send = () =>
      ann.post<Created>(
        '/messages',
        { sessionId: session.id, role: 'user', content: 'Hi' },
        { 'idempotency-key': 'message' },
      );
    const twins = await Promise.all(Array.from({ length: 50 }, send));
    expect(new Set(twins.map(({ status, body }) => `${status} ${JSON.stringify(body)}`)).size).toBe(1);
    expect(twins.filter((twin) => replayed(twin) === null)).toHaveLength(1);
    await answered;
    const said = (await ann.messages(session.id)).map(({ role, status }) => [role, status]);
    expect(said).toEqual([
      ['user', 'complete'],
      ['assistant', 'complete'],
    ]);
    const prisma = server.get(PrismaService);
    expect(await prisma.generation.count({ where: { conversationId: session.id } })).toBe(1);
  });

  it('gives the first answer again, with its keys in the same order', async () => {
    const bob = await server.person();
    const first = await named(bob, 'again', 'Again');
    const second = await named(bob, 'again', 'Again');
    expect(JSON.stringify(second.body)).toBe(JSON.stringify(first.body));
    expect([second.status, replayed(second)]).toEqual([201, 'true']);
    expect(await rows(bob)).toBe(1);
  });

  it.each([
    ['another body', '/groups', { name: 'Other' }],
    ['another address', '/sessions', { name: 'Same' }],
  ])('refuses the key for %s with 422 and does nothing', async (_, path, body) => {
    const bob = await server.person();
    await named(bob, 'reused', 'Same');
    const other = await bob.post(path, body, { 'idempotency-key': 'reused' });
    expect(refusal(other)).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    expect(await rows(bob)).toBe(1);
  });

  it('refuses a simultaneous request with the same key and another body', async () => {
    const bob = await server.person();
    const answers = await Promise.all(['One', 'Two'].map((name) => named(bob, 'race', name)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 422]);
    expect(await rows(bob)).toBe(1);
  });

  it('takes a body with its keys in another order for the same one', async () => {
    const bob = await server.person();
    const send = (body: string) => bob.post('/sessions', body, { 'idempotency-key': 'order' });
    await send('{"title":"x","systemPrompt":"y"}');
    const second = await send('{ "systemPrompt": "y", "title": "x" }');
    expect([second.status, replayed(second)]).toEqual([201, 'true']);
  });

  it('lets a request that failed be repeated, and runs it again then', async () => {
    const bob = await server.person();
    const groupId = newId();
    const send = () => bob.post('/sessions', { groupId }, { 'idempotency-key': 'retry' });
    expect(refusal(await send())).toEqual([404, 'GROUP_NOT_FOUND']);
    await server.get(PrismaService).group.create({ data: { id: groupId, ownerId: bob.id, name: 'Late' } });
    const repeated = await send();
    expect([repeated.status, replayed(repeated)]).toEqual([201, null]);
  });

  it('lets a refused body be corrected under the same key', async () => {
    const bob = await server.person();
    expect((await named(bob, 'fix', ' ')).status).toBe(400);
    expect((await named(bob, 'fix', 'Fixed')).status).toBe(201);
  });

  it('keeps the keys of two people apart', async () => {
    const [bob, eve] = [await server.person(), await server.person()];
    const first = await named(bob, 'shared', 'Mine');
    const other = await named(eve, 'shared', 'Mine');
    expect([other.status, replayed(other)]).toEqual([201, null]);
    expect(other.body.id).not.toBe(first.body.id);
  });

  it('takes keys of 1 to 255 printable characters only', async () => {
    const bob = await server.person();
    expect((await named(bob, 'k'.repeat(255), 'Long')).status).toBe(201);
    for (const key of ['', 'k'.repeat(256), 'caf\u00e9', 'a\tb'])
      expect([key, ...refusal(await named(bob, key, 'Bad'))]).toEqual([key, 400, 'INVALID_IDEMPOTENCY_KEY']);
    expect(await rows(bob)).toBe(1);
  });

  it('does nothing without a key', async () => {
    const bob = await server.person();
    for (let time = 0; time < 2; time++) await bob.post('/groups', { name: 'a' });
    expect(await rows(bob)).toBe(2);
  });

  it('refuses a body of 30 000 levels before it is compared', async () => {
    const body = `{"name":${'['.repeat(30_000)}${']'.repeat(30_000)}}`;
    expect(refusal(await ann.post('/groups', body, { 'idempotency-key': newId() }))).toEqual([
      400,
      'VALIDATION_FAILED',
    ]);
  });
});
