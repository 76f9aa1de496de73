import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ERROR_CATALOGUE, type ErrorCode } from '../../src/common/errors/error-catalogue.js';
import {
  BROKEN_BODIES,
  NO_OBJECTS,
  WRONG_PATH_IDS,
  withOddFields,
  withUnknownKeys,
  withUnsafeShapes,
  withWrongFields,
  wrongQueries,
} from '../support/bad-inputs.js';
import { ContractWorld } from '../support/contract-world.js';
import { leavesOutUnknownKeys } from '../../src/common/validation/unknown-keys.js';
import { DtoValidationPipe } from '../../src/common/validation/validation.pipe.js';
import { fieldsOf, type Field } from '../support/input-fields.js';
import { callOf, type RoutePolicy, type Things } from '../support/policy.js';
import { routeTable, type InputClass, type Route } from '../support/route-table.js';
import { readRefusal, wireCall, type WireAnswer, type WireCall } from '../support/wire-call.js';
import { ROUTE_POLICIES, policiesOf } from './policies.js';

const ROUTES = Object.keys(ROUTE_POLICIES);

/** About what was sent; that somebody is not signed in, or came too often, says nothing about it. */
const ABOUT_INPUT = [400, 404, 405, 409, 413, 415, 422];

/** What is wrong with a refusal: nothing when it is one of the catalogue and about the input. */
function refusalProblems(answer: WireAnswer, { dialect, access }: RoutePolicy): string[] {
  const { code, problems } = readRefusal(answer, dialect);
  const expected = dialect ? answer.status : ERROR_CATALOGUE[code as ErrorCode]?.status;
  const isAboutSecret = code === 'TICKET_INVALID' || (access === 'public' && answer.status === 401);
  const isAboutInput = isAboutSecret || ABOUT_INPUT.includes(answer.status);
  const isTyped = isAboutInput && expected === answer.status;
  return isTyped ? problems : [`${answer.status} ${code}`, ...problems];
}

/** A dialect that leaves out what it does not know must not let it through. */
function expectToBeLeftOut(type: InputClass, fields: readonly Field[], inputs: readonly object[]): void {
  const known = new Set(fields.map(({ name }) => name));
  const pipe = new DtoValidationPipe();
  for (const input of inputs)
    expect(
      Object.keys(pipe.transform(input, { type: 'body', metatype: type }) as object).filter((key) => !known.has(key)),
    ).toEqual([]);
}

describe('bad input', () => {
  let world: ContractWorld;
  let table: Map<string, Route>;
  let things: Things;

  beforeAll(async () => {
    world = await ContractWorld.start();
    table = new Map(routeTable(world.app).map((route) => [route.name, route]));
    things = await world.things();
  });
  afterAll(() => world.close());
  afterEach(() => expect(Object.keys(Object.prototype)).toEqual([]));

  const tokenFor = ({ access }: RoutePolicy) =>
    world.as(access === 'public' || access === 'signed-in' ? 'owner' : access).token;

  /** Sends all of them; describes those that were not refused as they must be. */
  async function problemsOf(policy: RoutePolicy, calls: readonly (WireCall & { what?: string })[]): Promise<string[]> {
    const before = await world.database.fingerprint();
    const found = await Promise.all(
      calls.map(async (call) => {
        const what = call.what ?? JSON.stringify(call.body)?.slice(0, 200) ?? call.path.slice(0, 200);
        const answer = await wireCall(world.app.url, { token: tokenFor(policy), headOnly: true, ...call });
        return refusalProblems(answer, policy).map((problem) => `${what} → ${problem}`);
      }),
    );
    expect(await world.database.fingerprint()).toEqual(before);
    return found.flat();
  }

  describe.each(ROUTES)('%s', (name) => {
    const [policy] = policiesOf(name) as [RoutePolicy];
    const path = name.slice(name.indexOf('/'));

    it('refuses bodies that are broken, too large or of another type', async () => {
      const good = callOf(name, policy, things);
      // Bodies are read before a route is looked for: the large ones go where a body belongs.
      const hasBody = table.get(name)?.body !== null;
      const bodies = BROKEN_BODIES.filter(({ body }) => hasBody || body.length < 100);
      expect(
        await problemsOf(
          policy,
          bodies.map((broken) => ({ ...good, ...broken })),
        ),
      ).toEqual([]);
    });

    if (/[:*]/.test(path))
      it('refuses what is no id', async () => {
        const good = callOf(name, policy, things);
        const calls = WRONG_PATH_IDS.map((id) => ({ ...good, path: path.replace(/[:*]\w+/, id) }));
        expect(await problemsOf(policy, calls)).toEqual([]);
      });

    it('refuses fields that are wrong, missing or not its own', async () => {
      const { body, query } = table.get(name) as Route;
      const good = callOf(name, policy, things);
      const calls: WireCall[] = [];
      if (body) {
        const fields = fieldsOf(body);
        const start = good.body ?? {};
        const unknown = withUnknownKeys(start, fields);
        const bodies = [...withWrongFields(start, fields, policy.lenient), ...withUnsafeShapes(start)];
        if (leavesOutUnknownKeys(body)) expectToBeLeftOut(body, fields, unknown);
        else bodies.push(...unknown);
        calls.push(...bodies.map((bad) => ({ ...good, body: bad })));
        calls.push(...NO_OBJECTS.map((bad) => ({ ...good, body: JSON.stringify(bad) })));
        if (fields.some(({ isOptional }) => !isOptional)) calls.push({ ...good, body: '' }, { ...good, body: '{}' });
      }
      if (query) {
        const [bare = ''] = good.path.split('?', 1);
        const fields = fieldsOf(query).filter(({ name: field }) => policy.lenient?.[field] !== 'anything');
        const queries = wrongQueries({ ...policy.query }, fields, { takesUnknown: leavesOutUnknownKeys(query) });
        calls.push(...queries.map((search) => ({ ...good, path: `${bare}?${search}` })));
      }
      expect(await problemsOf(policy, calls)).toEqual([]);
    });

    if (policy.endsCaller !== true)
      it('does not break on what is odd', async () => {
        const { body, query } = table.get(name) as Route;
        const good = callOf(name, policy, things);
        const [bare = ''] = good.path.split('?', 1);
        const bodies = body ? withOddFields(good.body ?? {}, fieldsOf(body)) : [];
        const queries = query ? withOddFields({ ...policy.query }, fieldsOf(query)) : [];
        const found = await Promise.all(
          [
            ...bodies.map((odd) => ({ ...good, body: odd })),
            ...queries.map((odd) => ({
              ...good,
              path: `${bare}?${new URLSearchParams(odd as Record<string, string>).toString()}`,
            })),
          ].map(async (call) => {
            const answer = await wireCall(world.app.url, { token: tokenFor(policy), headOnly: true, ...call });
            const isRight = answer.status < 400 || refusalProblems(answer, policy).length === 0;
            return isRight ? [] : [`${call.path} ${JSON.stringify(call.body)} → ${answer.status} ${answer.text}`];
          }),
        );
        await world.database.quiet();
        expect(found.flat()).toEqual([]);
      });
  });
});
