import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hasRole } from '../../src/common/actor.js';
import { ERROR_CATALOGUE, type ErrorCode } from '../../src/common/errors/error-catalogue.js';
import { CALLERS, ContractWorld, isOfDesk, roleOf, type Caller } from '../support/contract-world.js';
import { fieldsOf } from '../support/input-fields.js';
import {
  callOf,
  type Call,
  type Dialect,
  type Place,
  type Ref,
  type RoutePolicy,
  type Things,
} from '../support/policy.js';
import { routeTable, type Route } from '../support/route-table.js';
import { comparable, readRefusal, wireCall, type WireAnswer } from '../support/wire-call.js';
import { ROUTE_POLICIES, policiesOf } from './policies.js';

const CASES = Object.keys(ROUTE_POLICIES).flatMap((route) =>
  policiesOf(route).map((policy, index) => ({ route, policy, title: index === 0 ? route : `${route} (${index + 1})` })),
);

describe('access to routes', () => {
  let world: ContractWorld;
  let routes: Route[];
  let things: Things;
  let foreign: Things;

  beforeAll(async () => {
    world = await ContractWorld.start();
    routes = routeTable(world.app);
    [things, foreign] = await Promise.all([world.things(), world.things(world.other)]);
  });
  afterAll(() => world.close());

  const send = (caller: Caller, call: Call, headOnly = true): Promise<WireAnswer> =>
    wireCall(world.app.url, { ...call, token: world.as(caller).token, headOnly });

  async function expectRefusalOf(
    dialect: Dialect | undefined,
    code: ErrorCode,
    answers: Promise<WireAnswer>[],
  ): Promise<void> {
    const all = await Promise.all(answers);
    for (const answer of all) {
      const expected = { code: dialect ? null : code, problems: [] };
      expect([answer.status, readRefusal(answer, dialect)]).toEqual([ERROR_CATALOGUE[code].status, expected]);
      expect(comparable(answer)).toEqual(comparable(all[0] as WireAnswer));
    }
  }

  it('has a declared policy for every route, and no policy for a route that is not there', () => {
    expect(Object.keys(ROUTE_POLICIES).sort()).toEqual([...new Set(routes.map(({ name }) => name))].sort());
  });

  it('names every id that a path, a query or a body can carry', () => {
    const missing = routes.flatMap(({ name, params, query, body }) => {
      const ids = (place: Place, type: Route['body']) =>
        type ? fieldsOf(type).flatMap((field) => (/^ids?$/.test(field.kind) ? [`${place}.${field.name}`] : [])) : [];
      // What a policy's own path has in the place of a parameter is no id.
      const inPath = params.filter((param) => policiesOf(name).every(({ path = name }) => path.includes(`:${param}`)));
      const wanted = [...inPath.map((param) => `params.${param}`), ...ids('query', query), ...ids('body', body)];
      const declared = policiesOf(name).flatMap(({ refs = {} }) => Object.keys(refs));
      return wanted.filter((where) => !declared.includes(where)).map((where) => `${name}: ${where}`);
    });
    expect(missing).toEqual([]);
  });

  it('takes no body and no query that no class checks', () => {
    expect(routes.flatMap(({ name, unchecked }) => unchecked.map((side) => `${name}: ${side}`))).toEqual([]);
  });

  describe.each(CASES)('$title', ({ route, policy }) => {
    const { access, refs = {}, dialect } = policy;
    const expectRefusal = (code: ErrorCode, answers: Promise<WireAnswer>[]) => expectRefusalOf(dialect, code, answers);
    const needed = access === 'public' || access === 'signed-in' ? 'user' : access;
    const isLetIn = (caller: Caller) => {
      const role = roleOf(caller);
      return access === 'public' || (role !== null && hasRole(role, needed));
    };
    const first = (Object.values(refs) as Ref[]).find(
      ({ insteadOf, isShared }) => insteadOf === undefined && !isShared,
    );
    const strangers = CALLERS.filter((caller) => caller !== 'owner' && isLetIn(caller));

    it('refuses everybody else alike, whether or not it is there, and changes nothing', async () => {
      const before = await world.database.fingerprint();
      const absent = ContractWorld.absentThings();
      const bothFor = (caller: Caller) => [things, absent].map((ids) => send(caller, callOf(route, policy, ids)));
      const tooLow = CALLERS.filter((caller) => caller !== 'anonymous' && !isLetIn(caller));
      if (access !== 'public') await expectRefusal('UNAUTHORIZED', bothFor('anonymous'));
      if (tooLow.length > 0) await expectRefusal('FORBIDDEN', tooLow.flatMap(bothFor));
      if (first?.absent)
        await expectRefusal(first.absent, [
          ...strangers.flatMap(bothFor),
          send('owner', callOf(route, policy, absent)),
        ]);
      for (const [where, ref] of Object.entries(refs) as [string, Ref][]) {
        const ids = [absent[ref.kind], ...(ref.isShared ? [] : [foreign[ref.kind]])];
        const caller = strangersOr('owner', needed);
        const answers = ids.map((id) => send(caller, callOf(route, policy, things, { [where]: id })));
        if (ref.absent) await expectRefusal(ref.absent, answers);
        else expect(new Set((await Promise.all(answers)).map(({ text }) => text)).size).toBe(1);
      }
      expect(await world.database.fingerprint()).toEqual(before);
    });

    if (route.startsWith('GET '))
      it('changes nothing when only its head is asked for', async () => {
        const before = await world.database.fingerprint();
        const answer = await send('owner', { ...callOf(route, policy, things), method: 'HEAD' });
        expect(answer.status).toBeLessThan(500);
        await world.database.quiet();
        expect(await world.database.fingerprint()).toEqual(before);
      });

    it('lets in those it is for', async () => {
      const answers = await Promise.all(
        await callersLetIn(policy, isLetIn).then((calls) => calls.map((call) => call())),
      );
      await world.database.quiet();
      for (const answer of answers) {
        expect([answer.status, answer.text.slice(0, 200)]).toEqual([policy.ok, expect.anything()]);
        if (policy.refusal)
          expect(readRefusal(answer, dialect)).toEqual({ code: dialect ? null : policy.refusal, problems: [] });
      }
    });

    /** The owner where the role does for it, else the lowest that is let in. */
    function strangersOr(caller: Caller, role: typeof needed): Caller {
      return role === 'user' ? caller : role;
    }

    async function callersLetIn(
      { endsCaller, staysOpen }: RoutePolicy,
      mayCall: (caller: Caller) => boolean,
    ): Promise<(() => Promise<WireAnswer>)[]> {
      const [fresh, again] = first ? await Promise.all([world.things(), world.things()]) : [things, things];
      const call = callOf(route, policy, fresh);
      if (access === 'public') return [() => send('anonymous', call)];
      if (endsCaller) {
        const person = await world.app.person();
        return [() => wireCall(world.app.url, { ...call, token: person.token })];
      }
      if (first) {
        const shouted = Object.fromEntries(
          (Object.entries(refs) as [string, Ref][])
            .filter(([, { insteadOf }]) => insteadOf === undefined)
            .map(([where, { kind }]) => [where, fresh[kind].toUpperCase()]),
        );
        return [
          () => send('owner', callOf(route, policy, again), staysOpen === true),
          () => send('owner', callOf(route, policy, fresh, shouted), staysOpen === true),
        ];
      }
      if ((Object.values(refs) as Ref[]).some(({ kind }) => isOfDesk(kind)))
        return Promise.all(
          CALLERS.filter(mayCall).map(async (caller) => {
            const own = callOf(route, policy, { ...things, ...(await world.deskThings(caller)) });
            return () => send(caller, own);
          }),
        );
      return CALLERS.filter(mayCall).map((caller) => () => send(caller, call, staysOpen === true));
    }
  });
});
