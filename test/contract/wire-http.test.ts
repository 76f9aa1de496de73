import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { ReadinessState } from '../../src/health/readiness-state.js';
import { TestApp } from '../support/app.js';
import { ContractWorld } from '../support/contract-world.js';
import { Rest } from '../support/person.js';
import { callOf, type RoutePolicy, type Things } from '../support/policy.js';
import { comparable, readRefusal, wireCall, type WireAnswer, type WireCall } from '../support/wire-call.js';
import { ROUTE_POLICIES, policiesOf } from './policies.js';

const CASES = Object.keys(ROUTE_POLICIES).flatMap((route) => policiesOf(route).map((policy) => ({ route, policy })));
const LISTS = CASES.filter(({ policy }) => policy.isList);
/** They create something that nobody can be shown twice, or have keys of another name. */
const WITHOUT_KEY = ['POST /auth/register', 'POST /api/v1/auth/register', 'POST /sse/ticket'];

/** Updates of Telegram that could not be processed. */
async function putAside(url: string, updateIds: readonly number[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(
    `INSERT INTO telegram_updates (update_id, kind, state, error, payload)
     SELECT id, 'message', 'dead', 'it broke', jsonb_build_object('update_id', id) FROM unnest($1::bigint[]) id`,
    [updateIds],
  );
  await client.end();
}

describe('the wire of REST', () => {
  let world: ContractWorld;
  let things: Things;

  beforeAll(async () => {
    world = await ContractWorld.start();
    things = await world.things();
  });
  afterAll(() => world.close());

  const tokenFor = ({ access }: RoutePolicy): string | null =>
    world.as(access === 'public' || access === 'signed-in' ? 'owner' : access).token;
  const send = (policy: RoutePolicy, call: WireCall) => wireCall(world.app.url, { token: tokenFor(policy), ...call });

  describe('lists', () => {
    beforeAll(async () => {
      await putAside(world.app.database.url, [1001, 1002]);
      await world.owner.patch('/users/me', { name: 'Ada' });
      const participantIds = [world.owner.id];
      const { body: room } = await world.other.post('/chat-rooms', { type: 'GROUP', participantIds });
      for (const content of [`@${world.owner.id}`, '@Ada again'])
        await world.other.post(`/chat-rooms/${String(room['id'])}/messages`, { content });
      for (const content of ['which tea', 'which tea now'])
        await world.owner.patch(`/messages/${things.question}`, { content });
      await world.database.quiet();
      await world.other.patch('/users/me', { name: 'Ada too' });
      await Promise.all([
        world.owner.session({ title: 'one', groupId: things.group }),
        world.owner.session({ title: 'two', groupId: things.group }),
        world.owner.post('/groups', { name: 'more' }),
        world.owner.post('/messages', { sessionId: things.session, role: 'assistant', content: 'tea is tea' }),
        world.owner.post('/messages', { sessionId: things.session, role: 'assistant', content: 'no tea' }),
        world.owner.post('/chat-rooms', { type: 'GROUP', name: 'more', participantIds: [] }),
        world.owner.post(`/chat-rooms/${things.room}/messages`, { content: 'one' }),
        world.owner.post(`/chat-rooms/${things.room}/messages`, { content: 'two' }),
      ]);
    });

    it('are all that answers an array', async () => {
      const readers = CASES.filter(({ route, policy }) => route.startsWith('GET ') && !policy.staysOpen);
      const arrays = await Promise.all(
        readers.map(async ({ route, policy }) => {
          const { text } = await send(policy, { ...callOf(route, policy, things), headOnly: true });
          return text.startsWith('[') && !policy.isList && !policy.hasOwnPaging ? [route] : [];
        }),
      );
      expect(arrays.flat()).toEqual([]);
    });

    describe.each(LISTS)('of $route', ({ route, policy }) => {
      const page = (search: string) => {
        const { path, ...call } = callOf(route, policy, things);
        return send(policy, { ...call, path: `${path}${path.includes('?') ? '&' : '?'}${search}` });
      };
      const idsOf = ({ text }: WireAnswer): (string | number | undefined)[] =>
        (JSON.parse(text) as { id?: string; update_id?: number }[]).map(({ id, update_id }) => id ?? update_id);

      it('say where they go on, page by page, and nothing on the last one', async () => {
        const all = idsOf(await page('limit=100'));
        expect(all.length).toBeGreaterThan(1);
        const seen: typeof all = [];
        let next = await page('limit=1');
        for (let turn = 0; turn < all.length; turn++) {
          expect(next.status).toBe(200);
          seen.push(...idsOf(next));
          const { link, 'x-next-cursor': cursor } = next.headers;
          if (turn === all.length - 1) expect([link, cursor]).toEqual([undefined, undefined]);
          else {
            const [, address = ''] = /^<([^>]+)>; rel="next"$/.exec(String(link)) ?? [];
            expect(new URL(address, world.app.url).searchParams.get('cursor')).toBe(cursor);
            next = await send(policy, { method: 'GET', path: address });
          }
        }
        // Pages of messages go back in time; what is on one of them ascends.
        expect(route.endsWith('messages/:id') || route.endsWith('/messages') ? seen.reverse() : seen).toEqual(all);
      });

      it.each(['limit=0', 'limit=101', 'limit=-1', 'limit=x', 'cursor=x', 'cursor=W10'])(
        'refuse %s',
        async (search) => {
          const answer = await page(search);
          expect([answer.status, readRefusal(answer, policy.dialect).problems]).toEqual([400, []]);
        },
      );
    });
  });

  describe('Idempotency-Key', () => {
    const creating = CASES.filter(({ route, policy }) => route.startsWith('POST ') && policy.ok === 201);

    it('is taken by every route that creates something', () => {
      const without = creating.flatMap(({ route, policy }) => (policy.isIdempotent ? [] : [route]));
      expect(without.sort()).toEqual([...WITHOUT_KEY].sort());
    });

    /** Somebody else who may call, with things to call about; null where nobody else may. */
    const anotherPerson = async ({ access }: RoutePolicy): Promise<[string | null, Things]> => {
      if (access === 'admin') return [null, things];
      if (access === 'operator') return [world.as('senior_operator').token, things];
      return [world.other.token, await world.things(world.other)];
    };

    /** What no two good requests may share. */
    const ownOf = ({ uniqueEmail }: RoutePolicy, place: number): Record<string, string> =>
      uniqueEmail ? { 'body.email': `number${place}@example.com` } : {};

    describe.each(creating.filter(({ policy }) => policy.isIdempotent))('on $route', ({ route, policy }) => {
      const withKey = (key: string, fresh: Things, replace = {}) =>
        send(policy, { ...callOf(route, policy, fresh, replace), headers: { 'idempotency-key': key } });

      it('makes a repetition harmless, one after another and at once', async () => {
        const fresh = await world.things();
        const key = `key of ${route}`;
        const own = ownOf(policy, 1);
        const answers = await Promise.all(Array.from({ length: 5 }, () => withKey(key, fresh, own)));
        await world.database.quiet();
        const before = await world.database.fingerprint();
        const later = await withKey(key, fresh, own);
        expect(await world.database.fingerprint()).toEqual(before);
        expect(new Set([...answers, later].map(({ text }) => text)).size).toBe(1);
        expect([...answers, later].map(({ status }) => status)).toEqual(Array(6).fill(policy.ok));
        expect(answers.filter(({ headers }) => headers['idempotent-replayed'] === undefined)).toHaveLength(1);
        expect(later.headers['idempotent-replayed']).toBe('true');
      });

      it('is refused for another request, and is free for another person', async () => {
        const fresh = await world.things();
        const key = `other key of ${route}`;
        const own = ownOf(policy, 2);
        expect((await withKey(key, fresh, own)).status).toBe(policy.ok);
        const [field] = Object.keys(policy.body ?? {}).slice(-1);
        if (field) {
          const other = await withKey(key, fresh, {
            ...own,
            [`body.${field}`]: field === 'role' ? 'admin' : 'something else',
          });
          expect(other.status).toBe(422);
          if (!policy.dialect) expect(readRefusal(other)).toEqual({ code: 'IDEMPOTENCY_KEY_REUSED', problems: [] });
        }
        const [they, theirs] = await anotherPerson(policy);
        if (they === null) return;
        const call = { ...callOf(route, policy, theirs), headers: { 'idempotency-key': key } };
        const answer = await wireCall(world.app.url, { ...call, token: they });
        expect([answer.status, answer.headers['idempotent-replayed']]).toEqual([policy.ok, undefined]);
        await world.database.quiet();
      });

      it.each([
        ['', 'nothing'],
        ['x'.repeat(256), '256 characters'],
        ['ключ'.slice(0, 1), 'a letter that is not ASCII'],
      ])('is refused when it is %j', async (key) => {
        const before = await world.database.fingerprint();
        const answer = await withKey(Buffer.from(key).toString('latin1'), things);
        expect([answer.status, readRefusal(answer, policy.dialect).problems]).toEqual([400, []]);
        expect(await world.database.fingerprint()).toEqual(before);
      });
    });

    it('asks a streamed question once', async () => {
      const { session } = await world.things();
      const before = (await world.owner.messages(session)).length;
      const ask = () =>
        world.owner.post('/messages/stream', { sessionId: session, prompt: 'once' }, { 'idempotency-key': 'a stream' });
      const answers = await Promise.all([ask(), ask(), ask()]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(await world.owner.messages(session)).toHaveLength(before + 2);
    });
  });

  it('answers an unknown path in the form of its dialect', async () => {
    const [native, other] = await Promise.all([
      wireCall(world.app.url, { method: 'GET', path: '/no/such/path' }),
      wireCall(world.app.url, { method: 'GET', path: '/api/v1/no/such/path' }),
    ]);
    expect([native.status, readRefusal(native)]).toEqual([404, { code: 'NOT_FOUND', problems: [] }]);
    expect([other.status, readRefusal(other, 'api/v1').problems]).toEqual([404, []]);
  });

  it('answers a wrong password and an unknown email alike', async () => {
    const attempt = (email: string) =>
      wireCall(world.app.url, { method: 'POST', path: '/auth/login', body: { email, password: 'wrong as can be' } });
    const [known, unknown] = await Promise.all([attempt('owner@example.com'), attempt('nobody@example.com')]);
    expect(comparable(known)).toEqual(comparable(unknown));
    expect(readRefusal(known)).toEqual({ code: 'INVALID_CREDENTIALS', problems: [] });
  });
});

describe('the wait that a refusal names', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMIT_MS: '3000', LOGIN_LIMIT_PER_MINUTE: '2', REGISTER_LIMIT_PER_HOUR: '2' });
  });
  afterAll(() => app.close());

  const waitOf = ({ status, headers }: { status: number; headers: Headers }) => [
    status,
    /^[1-9]\d*$/.test(headers.get('retry-after') ?? ''),
  ];

  it('stands in Retry-After of every 429 and 503', async () => {
    const person = await app.person();
    const sessionId = await person.session();
    const ask = () => person.post('/messages', { sessionId, role: 'user', content: 'and?' });
    expect((await ask()).status).toBe(201);
    expect(waitOf(await ask())).toEqual([429, true]);
    expect(waitOf(await person.post('/messages/stream', { sessionId, prompt: 'and?' }))).toEqual([429, true]);

    const rest = new Rest(app.url);
    const guess = () => rest.post('/auth/login', { email: person.email, password: 'wrong as can be' });
    const guesses = [await guess(), await guess(), await guess()];
    expect(waitOf(guesses.at(-1) as (typeof guesses)[0])).toEqual([429, true]);

    await app.person();
    const third = await rest.post('/auth/register', { email: 'third@example.com', password: 'lamp quiet orbit' });
    expect(waitOf(third)).toEqual([429, true]);

    app.get(ReadinessState).drain();
    expect(waitOf(await person.post('/groups', { name: 'too late' }))).toEqual([503, true]);
    expect(waitOf(await rest.get('/health/ready'))).toEqual([503, true]);
  });
});
