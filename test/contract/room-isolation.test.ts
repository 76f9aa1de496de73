import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ChatRoomsRepository } from '../../src/chat-rooms/chat-rooms.repository.js';
import { RoomMembers } from '../../src/chat-rooms/room-members.js';
import type { ParticipantRole } from '../../src/events/domain-events.js';
import { CLIENT_EVENTS } from '../../src/gateway/contract/client-events.js';
import type { SyncResponse } from '../../src/messages/dto/sync.response.dto.js';
import type { ChatClient } from '../support/chat-client.js';
import { ContractWorld } from '../support/contract-world.js';
import { variantsOf } from '../support/foreign-ids.js';
import type { Person } from '../support/person.js';
import { callOf, payloadOf, type Call, type Things } from '../support/policy.js';
import { wireCall } from '../support/wire-call.js';
import { EVENT_POLICIES, policiesOf, ROUTE_POLICIES } from './policies.js';

/** In everything that the people in the room say, name and attach. */
const MARK = 'between-us';

interface Outsider {
  person: Person;
  socket: ChatClient;
  own: Things;
}

interface Leaks {
  /** Events that outsiders got of the room, and answers that told something of it. */
  events: string[];
  answers: string[];
  /** What the people in the room heard or keep of outsiders. */
  heard: string[];
  /** Answers that are none of ours. */
  broken: string[];
  tried: number;
}

describe('the isolation of a room', () => {
  let world: ContractWorld;
  let ann: Person;
  let ben: Person;
  let outsiders: Outsider[];
  let room: Things;
  let insiders: ChatClient[];

  beforeAll(async () => {
    world = await ContractWorld.start();
    const [first, second, removed, ...others] = await Promise.all(Array.from({ length: 6 }, () => world.app.person()));
    [ann, ben] = [first as Person, second as Person];
    room = await world.things(ann);
    const formerMember = removed as Person;
    for (const participantIds of [[ben.id], [formerMember.id]])
      await ann.post(`/chat-rooms/${room.room}/participants`, { participantIds });
    outsiders = await Promise.all(
      [formerMember, ...others].map(async (person) => ({
        person,
        socket: await person.socket(),
        own: await world.things(person),
      })),
    );
    // One of them was in the room and looked at it.
    await outsiders[0]?.socket.command('joinChatRoom', { chatRoomId: room.room });
    await ann.delete(`/chat-rooms/${room.room}/participants/${formerMember.id}`);
    await outsiders[0]?.socket.event('removedFromChatRoom');
    insiders = await Promise.all(
      [ann, ben].map(async (person) => {
        const client = await person.socket();
        await client.command('joinChatRoom', { chatRoomId: room.room });
        return client;
      }),
    );
  });
  afterAll(async () => {
    for (const person of [ann, ben, ...outsiders.map((outsider) => outsider.person)]) person.closeSockets();
    await world.close();
  });

  /** People in the room go on talking until `isOver`. */
  async function talk(isOver: () => boolean, said: Set<string>): Promise<void> {
    const [a, b] = insiders as [ChatClient, ChatClient];
    const chatRoomId = room.room;
    for (let turn = 0; !isOver(); turn++) {
      const ack = await a.command('sendMessage', { chatRoomId, content: `${MARK} ${turn}`, fileName: `${MARK}.txt` });
      const { id: messageId } = ack['message'] as { id: string };
      said.add(messageId);
      await b.command('typing', { chatRoomId, isTyping: true });
      await b.command('messageRead', { chatRoomId, messageId });
      await a.command('editMessage', { messageId, content: `${MARK} better ${turn}` });
      await a.command('updateChatRoom', { chatRoomId, updates: { name: `${MARK} ${turn}` } });
      await b.command('typing', { chatRoomId, isTyping: false });
      if (turn % 3 === 0) await a.command('deleteMessage', { messageId });
      await b.command('leaveChatRoom', { chatRoomId });
      await b.command('joinChatRoom', { chatRoomId });
    }
  }

  function commandsOf(own: Things): [event: string, payload: unknown][] {
    return CLIENT_EVENTS.flatMap((event) => {
      const policy = EVENT_POLICIES[event];
      const good = payloadOf(policy, own);
      const fields = Object.entries(policy.refs ?? {}).flatMap(([name, { kind }]) =>
        [...new Set([room[kind], room.room, room.roomMessage])].flatMap((id) =>
          variantsOf(id).map((value) => ({ ...good, [name]: value })),
        ),
      );
      const smuggled = ['chatRoomId', 'conversationId', 'messageId', 'roomId'].map((key) => ({
        ...good,
        [key]: key === 'messageId' ? room.roomMessage : room.room,
      }));
      return [...fields, ...smuggled, room.room, [room.room]].map((payload): [string, unknown] => [event, payload]);
    });
  }

  function requestsOf(own: Things): Call[] {
    return Object.keys(ROUTE_POLICIES).flatMap((route) =>
      policiesOf(route).flatMap((policy) => {
        if (policy.endsCaller || policy.access !== 'signed-in') return [];
        const { refs = {} } = policy;
        return Object.entries(refs).flatMap(([where, ref]) =>
          [...new Set([room[ref?.kind ?? 'room'], room.room, room.roomMessage])].flatMap((id) =>
            variantsOf(id).flatMap((value) => {
              const isText = typeof value === 'string' && value !== '';
              return where.startsWith('body.') || isText ? [callOf(route, policy, own, { [where]: value })] : [];
            }),
          ),
        );
      }),
    );
  }

  /** Several people try everything at once while the room talks. */
  async function attack(): Promise<Leaks> {
    const leaks: Leaks = { events: [], answers: [], heard: [], broken: [], tried: 0 };
    const said = new Set([room.room, room.roomMessage]);
    const before = new Map([...outsiders.map(({ socket }) => socket), ...insiders].map((c) => [c, c.received.length]));
    const { head } = (await ann.get<SyncResponse>(`/conversations/${room.room}/sync`)).body;
    let isOver = false;
    const talking = talk(() => isOver, said);
    const trying = outsiders.map(async ({ person, socket, own }, index) => {
      for (const [event, payload] of commandsOf(own)) {
        const ack = await socket.command(event, payload);
        leaks.tried++;
        const text = JSON.stringify(ack);
        if (text.includes(MARK)) leaks.answers.push(`${event} ${JSON.stringify(payload)} → ${text.slice(0, 200)}`);
        if (ack.error?.code === 'INTERNAL') leaks.broken.push(`${event} ${JSON.stringify(payload)}`);
      }
      // Each takes a part of the routes; together they try all of them.
      const requests = requestsOf(own).filter((_, at) => at % outsiders.length === index);
      for (const call of requests) {
        const answer = await wireCall(world.app.url, { ...call, token: person.token, headOnly: true });
        leaks.tried++;
        const request = `${call.method} ${call.path} ${JSON.stringify(call.body)}`;
        if (answer.text.includes(MARK)) leaks.answers.push(`${request} → ${answer.text.slice(0, 200)}`);
        if (answer.status >= 500) leaks.broken.push(`${answer.status} ${request}`);
      }
    });
    await Promise.all(trying);
    isOver = true;
    await talking;
    for (const client of before.keys()) await client.command('presence', { userIds: [] });

    for (const { socket } of outsiders)
      for (const { event, payload } of socket.received.slice(before.get(socket))) {
        const text = JSON.stringify(payload);
        if (text.includes(MARK) || [...said].some((id) => text.includes(id))) leaks.events.push(`${event} ${text}`);
      }
    const strangers = outsiders.map(({ person }) => person.id);
    for (const client of insiders)
      for (const { event, payload } of client.received.slice(before.get(client))) {
        const text = JSON.stringify(payload);
        if (text.includes(room.room) && strangers.some((id) => text.includes(id))) leaks.heard.push(`${event} ${text}`);
      }
    const { messages, participants = [] } = (
      await ann.get<SyncResponse>(`/conversations/${room.room}/sync?since=${head}`)
    ).body;
    for (const { senderId } of messages) if (senderId !== ann.id) leaks.heard.push(`a message of ${senderId}`);
    for (const { userId } of participants) if (strangers.includes(userId)) leaks.heard.push(`a place of ${userId}`);
    return leaks;
  }

  it('lets outsiders neither read nor hear nor touch it, whatever they name it', async () => {
    const { tried, ...leaks } = await attack();
    console.info(`${tried} tries of ${outsiders.length} outsiders: ${leaks.events.length} foreign events`);
    expect(tried).toBeGreaterThan(5_000);
    expect(leaks).toEqual({ events: [], answers: [], heard: [], broken: [] });
    expect(Object.keys(Object.prototype)).toEqual([]);
  }, 120_000);

  it('would show leaks if the looks at who is in let everybody pass (negative control)', async () => {
    class Everybody extends Map<string, ParticipantRole> {
      override get = (): ParticipantRole => 'OWNER';
      override has = (): boolean => true;
    }
    const members = world.app.get(RoomMembers);
    const repository = world.app.get(ChatRoomsRepository);
    const findListed = repository.findListed.bind(repository);
    const spies = [
      jest.spyOn(members, 'of').mockResolvedValue(new Everybody()),
      jest.spyOn(members, 'peek').mockReturnValue(new Everybody()),
      jest.spyOn(repository, 'findListed').mockImplementation((_, id) => findListed(ann.id, id)),
    ];
    try {
      const { events, answers, heard } = await attack();
      console.info(`without them: ${events.length} foreign events, ${answers.length} answers, ${heard.length} heard`);
      for (const found of [events, answers, heard]) expect(found.length).toBeGreaterThan(0);
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
  }, 120_000);
});
