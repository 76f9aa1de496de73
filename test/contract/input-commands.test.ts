import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ERROR_CATALOGUE } from '../../src/common/errors/error-catalogue.js';
import { CLIENT_EVENTS } from '../../src/gateway/contract/client-events.js';
import {
  NO_OBJECTS,
  withOddFields,
  withUnknownKeys,
  withUnsafeShapes,
  withWrongFields,
} from '../support/bad-inputs.js';
import type { Ack, ChatClient } from '../support/chat-client.js';
import { commandTable } from '../support/command-table.js';
import { ContractWorld } from '../support/contract-world.js';
import { fieldsOf, type Field } from '../support/input-fields.js';
import { payloadOf, type Things } from '../support/policy.js';
import { EVENT_POLICIES } from './policies.js';

describe('bad input to commands', () => {
  let world: ContractWorld;
  let things: Things;
  let socket: ChatClient;
  let fields: ReadonlyMap<string, Field[]>;

  beforeAll(async () => {
    world = await ContractWorld.start();
    things = await world.things();
    socket = await world.owner.socket();
    fields = new Map(commandTable().map(({ event, input }) => [event, fieldsOf(input)]));
  });
  afterAll(() => world.close());
  afterEach(() => expect(Object.keys(Object.prototype)).toEqual([]));

  /** What is wrong with an ack: nothing when it is a refusal of the catalogue. */
  function refusalProblems({ ok, error, ...more }: Ack): string[] {
    const { code, message, details: _details, ...rest } = error ?? { code: '', message: '' };
    const status = ERROR_CATALOGUE[code as 'INTERNAL']?.status ?? 0;
    const isTyped = ok === false && status >= 400 && status < 500 && message !== '';
    const extra = Object.keys({ ...more, ...rest });
    return isTyped && extra.length === 0 ? [] : [`${JSON.stringify({ ok, code, message })} ${extra.join(', ')}`];
  }

  async function problemsOf(event: string, payloads: readonly unknown[][]): Promise<string[]> {
    const found = await Promise.all(
      payloads.map(async (args) => {
        const ack = (await socket.socket.timeout(8_000).emitWithAck(event, ...args)) as Ack;
        return refusalProblems(ack).map((problem) => `${JSON.stringify(args)?.slice(0, 200)} → ${problem}`);
      }),
    );
    return found.flat();
  }

  describe.each(CLIENT_EVENTS)('%s', (event) => {
    const policy = EVENT_POLICIES[event];

    it('refuses what is wrong, missing or not its own, and changes nothing', async () => {
      const good = payloadOf(policy, things);
      const own = fields.get(event) ?? [];
      const bad = [
        ...withWrongFields(good, own),
        ...withUnknownKeys(good, own),
        ...withUnsafeShapes(good),
        ...NO_OBJECTS,
        {},
        Buffer.from('{}'),
      ];
      const before = await world.database.fingerprint();
      expect(await problemsOf(event, [[], ...bad.map((payload) => [payload])])).toEqual([]);
      const inBytes = own.map(({ name }) => [{ ...good, [name]: Buffer.from('x') }]);
      expect(await problemsOf(event, inBytes)).toEqual([]);
      expect(await world.database.fingerprint()).toEqual(before);
    });

    it('does not break on what is odd', async () => {
      const payloads = withOddFields(payloadOf(policy, things), fields.get(event) ?? []);
      const acks = await Promise.all(payloads.map((payload) => socket.command(event, payload)));
      await world.database.quiet();
      const problems = acks.flatMap((ack, index) =>
        ack.ok ? [] : refusalProblems(ack).map((problem) => `${JSON.stringify(payloads[index])} → ${problem}`),
      );
      expect(problems).toEqual([]);
    });

    it('is refused by an error event that names it where no ack is asked for', async () => {
      const before = socket.all('error').length;
      socket.socket.emit(event, { nothing: 'of ours' });
      const error = await socket.until(() => socket.all('error')[before], 'error');
      expect(error).toMatchObject({ code: 'VALIDATION_FAILED', event, message: expect.any(String) });
    });
  });

  it('refuses unknown commands by name', async () => {
    for (const event of ['no such command', 'toString', '__proto__', 'constructor', 'error', 'x'.repeat(5_000)]) {
      const ack = await socket.command(event, {});
      expect(ack).toMatchObject({
        ok: false,
        error: { code: 'UNKNOWN_EVENT', details: { event: event.slice(0, 100) } },
      });
    }
  });

  it('is still there for the same socket', async () => {
    expect(await socket.command('join', { sessionId: things.session })).toMatchObject({ ok: true });
    expect(socket.all('disconnect')).toEqual([]);
  });
});
