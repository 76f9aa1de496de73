import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CLIENT_EVENTS } from '../../src/gateway/contract/client-events.js';
import { ChatClient, type Ack } from '../support/chat-client.js';
import { commandTable } from '../support/command-table.js';
import { CALLERS, ContractWorld, type Caller } from '../support/contract-world.js';
import { fieldsOf } from '../support/input-fields.js';
import { payloadOf, type EventPolicy, type Ref, type Things } from '../support/policy.js';
import { EVENT_POLICIES } from './policies.js';

const CASES = Object.entries(EVENT_POLICIES) as [string, EventPolicy][];
const STRANGERS = CALLERS.filter((caller) => caller !== 'anonymous' && caller !== 'owner');

describe('access to commands', () => {
  let world: ContractWorld;
  let things: Things;
  let foreign: Things;
  let sockets: Record<Exclude<Caller, 'anonymous'>, ChatClient>;

  beforeAll(async () => {
    world = await ContractWorld.start();
    [things, foreign] = await Promise.all([world.things(), world.things(world.other)]);
    const connect = async (caller: Caller) =>
      [caller, await ChatClient.connect(world.app.url, world.as(caller).token ?? '')] as const;
    sockets = Object.fromEntries(await Promise.all(['owner' as const, ...STRANGERS].map(connect))) as typeof sockets;
  });
  afterAll(async () => {
    for (const socket of Object.values(sockets)) socket.close();
    await world.close();
  });

  const send = (caller: Caller, event: string, payload: object): Promise<Ack> =>
    sockets[caller as 'owner'].command(event, payload);

  async function expectRefusal(ref: Ref, answers: Promise<Ack>[]): Promise<void> {
    const all = await Promise.all(answers);
    for (const ack of all) {
      expect(ack).toEqual(
        ref.absent ? { ok: false, error: { code: ref.absent, message: expect.any(String) } } : { ok: true },
      );
      expect(ack).toEqual(all[0]);
    }
  }

  it('has a declared policy for every command, and no policy for one that is not there', () => {
    expect(Object.keys(EVENT_POLICIES).sort()).toEqual([...CLIENT_EVENTS].sort());
  });

  it('names every id that a payload can carry', () => {
    const missing = commandTable().flatMap(({ event, input }) =>
      fieldsOf(input)
        .filter(({ kind, name }) => /^ids?$/.test(kind) && !EVENT_POLICIES[event].refs?.[name])
        .map(({ name }) => `${event}: ${name}`),
    );
    expect(missing).toEqual([]);
  });

  it('lets nobody in who is not signed in', async () => {
    for (const token of ['', 'Bearer ', 'x', `${world.owner.token}x`])
      await expect(ChatClient.connect(world.app.url, token)).rejects.toMatchObject({ data: { code: 'UNAUTHORIZED' } });
  });

  describe.each(CASES.filter(([, { refs }]) => refs))('%s', (event, policy) => {
    const refs = Object.entries(policy.refs ?? {});
    const first = refs.find(([, { insteadOf, isShared }]) => insteadOf === undefined && !isShared)?.[1];

    it('refuses everybody else alike, whether or not it is there, and changes nothing', async () => {
      const before = await world.database.fingerprint();
      const absent = ContractWorld.absentThings();
      const bothFor = (caller: Caller) => [things, absent].map((ids) => send(caller, event, payloadOf(policy, ids)));
      if (first)
        await expectRefusal(first, [...STRANGERS.flatMap(bothFor), send('owner', event, payloadOf(policy, absent))]);
      for (const [name, ref] of refs) {
        if (ref.isShared && !ref.absent) continue;
        const ids = [absent[ref.kind], ...(ref.isShared ? [] : [foreign[ref.kind]])];
        await expectRefusal(
          ref,
          ids.map((id) => send('owner', event, payloadOf(policy, things, { [name]: id }))),
        );
      }
      expect(await world.database.fingerprint()).toEqual(before);
    });

    it('is done for the owner, however the ids are written', async () => {
      const [own, others] = await Promise.all([world.things(), world.things()]);
      const shouted = refs
        .filter(([, { insteadOf }]) => insteadOf === undefined)
        .map(([name, { kind }]): [string, string] => [name, others[kind].toUpperCase()]);
      expect(await send('owner', event, payloadOf(policy, own))).toMatchObject({ ok: true });
      expect(await send('owner', event, payloadOf(policy, others, Object.fromEntries(shouted)))).toMatchObject({
        ok: true,
      });
      await world.database.quiet();
    });

    it('is refused by an error event where no ack is asked for', async () => {
      if (!first?.absent) return;
      const { other } = sockets;
      other.socket.emit(event, payloadOf(policy, things));
      const error = await other.event('error', (payload) => payload['event'] === event);
      expect(error).toEqual({ code: first.absent, message: expect.any(String), event });
    });
  });

  it('tells strangers nothing of what goes on', async () => {
    const { session: sessionId } = things;
    for (const caller of STRANGERS) await send(caller, 'join', { sessionId });
    const before = sockets.owner.received.length;
    await send('owner', 'message:send', { sessionId, content: 'between us' });
    await sockets.owner.until(
      () => sockets.owner.received.slice(before).find(({ event }) => event === 'message:done'),
      'message:done',
    );
    // What is answered now was sent after all of that.
    for (const caller of STRANGERS) await send(caller, 'leave', { sessionId });
    for (const caller of STRANGERS)
      expect(
        sockets[caller as 'other'].received.filter(({ event }) => !['connected', 'error'].includes(event)),
      ).toEqual([]);
  });

  it('renews a sign-in with a token of the same person only', async () => {
    const foreignToken = await send('owner', 'auth:refresh', { token: world.other.token });
    expect(foreignToken).toMatchObject({ ok: false, error: { code: 'FORBIDDEN' } });
    const broken = await send('owner', 'auth:refresh', { token: 'x' });
    expect(broken).toMatchObject({ ok: false, error: { code: 'UNAUTHORIZED' } });
    expect(await send('owner', 'auth:refresh', { token: `Bearer ${world.owner.token}` })).toMatchObject({ ok: true });
  });
});
