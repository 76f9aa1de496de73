import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ChatRoomResponse } from '../../src/chat-rooms/dto/chat-room.response.dto.js';
import type { PresenceState } from '../../src/gateway/dto/room-events.dto.js';
import type { TestApp } from '../support/app.js';
import type { ChatClient } from '../support/chat-client.js';
import { eventually } from '../support/eventually.js';
import { Person, Rest } from '../support/person.js';
import { Stopwatch } from '../support/stopwatch.js';
import { TwoNodes } from '../support/two-nodes.js';

const PER_MINUTE = 100;

describe('people on two nodes', () => {
  let nodes: TwoNodes;

  beforeAll(async () => {
    nodes = await TwoNodes.start({ PRESENCE_GRACE_MS: '300' });
  });
  afterAll(() => nodes.close());
  afterEach(() => nodes.closeSockets());

  async function room(): Promise<{ ada: Person; bob: Person; chatRoomId: string }> {
    const [ada, bob] = await Promise.all([nodes.a.person(), nodes.a.person()]);
    const made = await ada.post<ChatRoomResponse>('/chat-rooms', { type: 'GROUP', participantIds: [bob.id] });
    return { ada, bob, chatRoomId: made.body.id };
  }

  async function stateOf(client: ChatClient, { id }: Person): Promise<PresenceState> {
    return ((await client.command('presence', { userIds: [id] }))['users'] as [PresenceState])[0];
  }

  it('see each other come and go', async () => {
    const { ada, bob } = await room();
    const onA = await nodes.socket(nodes.a, ada);
    const onB = await nodes.socket(nodes.b, bob);
    await onA.event('presence', ({ userId, online }) => userId === bob.id && online === true);
    expect(await stateOf(onA, bob)).toMatchObject({ online: true });
    expect(await stateOf(onB, ada)).toMatchObject({ online: true });
    const alsoOnA = await nodes.socket(nodes.a, bob);
    onB.close();
    // Still here by the other node, longer than the grace.
    alsoOnA.close();
    const gone = await onA.event('presence', ({ userId, online }) => userId === bob.id && online === false);
    expect(gone['lastSeenAt']).toEqual(expect.any(String));
    expect(onA.all('presence').filter(({ userId }) => userId === bob.id)).toHaveLength(2);
  });

  it('are here as long as one of the nodes has them', async () => {
    const { ada, bob } = await room();
    const onA = await nodes.socket(nodes.a, ada);
    const [first, second] = [await nodes.socket(nodes.b, bob), await nodes.socket(nodes.a, bob)];
    await onA.event('presence', ({ userId }) => userId === bob.id);
    first.close();
    const [cyd, witness] = [await nodes.a.person(), await nodes.a.person()];
    await cyd.post('/chat-rooms', { type: 'GROUP', participantIds: [witness.id] });
    const onWitness = await nodes.socket(nodes.a, witness);
    const passing = await nodes.socket(nodes.b, cyd);
    passing.close();
    // Whoever left later is gone for everybody: so has to be whoever left before.
    await onWitness.event('presence', ({ userId, online }) => userId === cyd.id && online === false);
    expect(await stateOf(onA, bob)).toMatchObject({ online: true });
    second.close();
    await onA.event('presence', ({ userId, online }) => userId === bob.id && online === false);
  });

  it('see each other type and look', async () => {
    const { ada, bob, chatRoomId } = await room();
    const onA = await nodes.socket(nodes.a, ada);
    await onA.command('joinChatRoom', { chatRoomId });
    const onB = await nodes.socket(nodes.b, bob);
    await onB.command('joinChatRoom', { chatRoomId });
    await onA.event('userJoined', ({ userId }) => userId === bob.id);
    await onB.command('typing', { chatRoomId, isTyping: true });
    await onA.event('userTyping', ({ userId, isTyping }) => userId === bob.id && isTyping === true);
    await onB.command('typing', { chatRoomId, isTyping: false });
    await onA.event('userTyping', ({ userId, isTyping }) => userId === bob.id && isTyping === false);
    await onB.command('leaveChatRoom', { chatRoomId });
    await onA.event('userLeft', ({ userId }) => userId === bob.id);
  });
});

describe('limits on two nodes', () => {
  let nodes: TwoNodes;

  beforeAll(async () => {
    nodes = await TwoNodes.start({
      REST_LIMIT_PER_MINUTE: `${PER_MINUTE}`,
      RATE_LIMIT_MS: '60000',
      LOGIN_LIMIT_PER_MINUTE: '5',
    });
  });
  afterAll(() => nodes.close());

  const both = (index: number): TestApp => (index % 2 === 0 ? nodes.a : nodes.b);
  const count = (statuses: readonly number[], wanted: number) => statuses.filter((status) => status === wanted).length;

  it('let as many requests through as one node would', async () => {
    const ada = await nodes.a.person();
    const asked = Array.from({ length: PER_MINUTE * 2 }, (_, index) =>
      nodes
        .rest(both(index), ada)
        .get('/auth/me')
        .then(({ status }) => status),
    );
    const passed = count(await Promise.all(asked), 200);
    console.log(`requests on two nodes: ${passed} of ${asked.length} passed, limit ${PER_MINUTE}`);
    expect(passed).toBeLessThanOrEqual(PER_MINUTE);
    // One was used by the registration.
    expect(passed).toBeGreaterThanOrEqual(PER_MINUTE - 2);
  });

  it('let one question at a time through, however many nodes are asked at once', async () => {
    const ada = await nodes.a.person();
    const sessionId = await ada.session();
    const asked = Array.from({ length: 20 }, (_, index) =>
      nodes
        .rest(both(index), ada)
        .post('/messages', { sessionId, role: 'user', content: `question ${index}` })
        .then(({ status }) => status),
    );
    const statuses = await Promise.all(asked);
    expect([count(statuses, 201), count(statuses, 429)]).toEqual([1, 19]);
  });

  it('slow guesses of a password down wherever they are made', async () => {
    const email = 'guessed@example.com';
    await Person.register(nodes.a.url, email, 'a long password of somebody');
    let looked = 0;
    for (let index = 0; index < 12; index++) {
      const body = { email, password: `wrong guess ${index}` };
      const { status } = await new Rest(both(index).url).post('/auth/login', body);
      if (status === 401) looked++;
    }
    // By themselves two nodes would let ten through. One whose Redis is late counts by itself that time.
    expect(looked).toBeLessThanOrEqual(8);
  });

  it('keep their own count while Redis is away, and let messages through', async () => {
    const ada = await nodes.a.person();
    const sessionId = await ada.session();
    await nodes.redis.kill();
    const watch = new Stopwatch();
    const answer = await ada.post('/messages', { sessionId, role: 'user', content: 'still here' });
    expect(answer.status).toBe(201);
    expect(watch.ms()).toBeLessThan(1_000);
    expect((await ada.post('/messages', { sessionId, role: 'user', content: 'too soon' })).status).toBe(429);
    await nodes.redis.start();
    await eventually(async () => (await nodes.redis.run(['PING'])) === 'PONG');
  });
});
