import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ChatRoomResponse } from '../../src/chat-rooms/dto/chat-room.response.dto.js';
import type { PresenceState } from '../../src/gateway/dto/room-events.dto.js';
import { PrismaService } from '../../src/prisma/prisma.service.js';
import { TestApp } from '../support/app.js';
import { ChatClient } from '../support/chat-client.js';
import { createTestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { Person, Rest } from '../support/person.js';
import { ServerProcess } from '../support/server-process.js';

const GRACE_MS = 2_500;

const group = async (owner: Person, ...others: Person[]): Promise<string> => {
  const participantIds = others.map(({ id }) => id);
  const { status, body } = await owner.post<ChatRoomResponse>('/chat-rooms', { type: 'GROUP', participantIds });
  expect(status).toBe(201);
  return body.id;
};

async function ask(client: ChatClient, ...people: { id: string }[]): Promise<PresenceState[]> {
  const ack = await client.command('presence', { userIds: people.map(({ id }) => id) });
  expect(ack.ok).toBe(true);
  return ack['users'] as PresenceState[];
}

describe('presence', () => {
  let app: TestApp;
  let ada: Person;
  let bob: Person;
  let cyd: Person;

  beforeAll(async () => {
    app = await TestApp.start({ PRESENCE_GRACE_MS: `${GRACE_MS}` });
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    [ada, bob, cyd] = await Promise.all([app.person(), app.person(), app.person()]);
  });
  afterEach(() => {
    for (const person of [ada, bob, cyd]) person.closeSockets();
  });

  const storedOf = async (person: Person): Promise<number | undefined> => {
    const user = await app.get(PrismaService).user.findUniqueOrThrow({ where: { id: person.id } });
    return user.lastSeenAt?.getTime();
  };

  it('tells who shares a room, and nobody else, who comes and goes', async () => {
    await group(ada, bob);
    const [a, c] = [await ada.socket(), await cyd.socket()];
    const began = Date.now();
    const b = await bob.socket();
    const online = { userId: bob.id, online: true, lastSeenAt: null };
    expect(await a.event('presence')).toEqual(online);
    expect(await ask(a, bob, ada, cyd)).toEqual([
      online,
      { userId: ada.id, online: true, lastSeenAt: null },
      { userId: cyd.id, online: false, lastSeenAt: null },
    ]);
    b.close();
    const gone = await a.event('presence', (state) => state['online'] === false);
    expect(gone).toEqual({ userId: bob.id, online: false, lastSeenAt: expect.any(String) });
    const at = Date.parse(gone['lastSeenAt'] as string);
    expect(at).toBeGreaterThanOrEqual(began);
    expect(at).toBeLessThanOrEqual(Date.now() - GRACE_MS + 50);
    expect(await eventually(() => storedOf(bob))).toBeLessThanOrEqual(Date.now());
    expect((await ask(a, bob))[0]).toMatchObject({ online: false, lastSeenAt: expect.any(String) });
    expect(await ask(c, ada, bob)).toEqual([
      { userId: ada.id, online: false, lastSeenAt: null },
      { userId: bob.id, online: false, lastSeenAt: null },
    ]);
    expect(c.all('presence')).toEqual([]);
  });

  it('does not flicker at a reload, nor while another connection is open', async () => {
    await group(ada, bob);
    const a = await ada.socket();
    let b = await bob.socket();
    const second = await bob.socket();
    await a.event('presence');
    for (let reload = 0; reload < 10; reload++) {
      // The first half has another connection, the second half only the grace.
      if (reload === 5) second.close();
      b.close();
      b = await bob.socket();
    }
    expect((await ask(a, bob))[0]).toMatchObject({ online: true });
    b.close();
    await a.event('presence', ({ online }) => online === false);
    expect(a.all('presence').map(({ online }) => online)).toEqual([true, false]);
    await bob.socket();
    await a.until(() => a.all('presence').length === 3, 'the return');
  });

  it('is nothing to whoever is removed from the last shared room', async () => {
    const id = await group(ada, bob);
    const [a, b] = [await ada.socket(), await bob.socket()];
    expect((await ask(b, ada))[0]).toMatchObject({ online: true });
    expect((await ada.delete(`/chat-rooms/${id}/participants/${bob.id}`)).status).toBe(200);
    await b.event('removedFromChatRoom');
    expect(await ask(b, ada)).toEqual([{ userId: ada.id, online: false, lastSeenAt: null }]);
    const before = b.received.length;
    a.close();
    await eventually(async () => {
      const stored = await storedOf(ada);
      return stored !== undefined && (await ask(await ada.socket(), ada))[0]?.online;
    });
    await ask(b, ada);
    expect(b.received.slice(before).filter(({ event }) => event === 'presence')).toEqual([]);
  });

  it('is stored for the export, and gone with the account', async () => {
    await ada.socket();
    await eventually(() => storedOf(ada));
    const { presence } = (await ada.get<{ presence: { lastSeenAt: string } }>('/users/me/export')).body;
    expect(Date.parse(presence.lastSeenAt)).toBe(await storedOf(ada));
    expect((await ada.delete('/users/me')).status).toBe(204);
    expect(await storedOf(ada)).toBeUndefined();
  });

  it('costs one statement for all who are here, however many there are', async () => {
    const other = await TestApp.start({ LAST_SEEN_EVERY_MS: '100' });
    try {
      const people = await Promise.all(Array.from({ length: 20 }, () => other.person()));
      for (const person of people) await person.socket();
      const prisma = other.get(PrismaService);
      const seen = async () =>
        prisma.user.findMany({ where: { lastSeenAt: { not: null } }, select: { lastSeenAt: true } });
      const first = await eventually(async () => ((await seen()).length === 20 ? seen() : null));
      const newest = Math.max(...first.map(({ lastSeenAt }) => lastSeenAt?.getTime() ?? 0));
      const later = await eventually(async () => {
        const all = await seen();
        return all.every(({ lastSeenAt }) => (lastSeenAt?.getTime() ?? 0) > newest) ? all : null;
      });
      expect(new Set(later.map(({ lastSeenAt }) => lastSeenAt?.getTime())).size).toBeLessThanOrEqual(5);
      for (const person of people) person.closeSockets();
    } finally {
      await other.close();
    }
  });
});

describe('presence after the end of a server', () => {
  const EVERY_MS = 300;
  const env = (url: string) => ({
    DATABASE_URL: url,
    JWT_SECRET: 'a secret that both lives of the server share',
    LAST_SEEN_EVERY_MS: `${EVERY_MS}`,
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)('shows nobody, and when they were last there, after %s', async (signal) => {
    const database = await createTestDatabase();
    let server = await ServerProcess.start(env(database.url));
    try {
      const people = ['ada', 'bob'].map((name) =>
        Person.register(server.url, `${name}@example.com`, `long ${name} word`),
      );
      const [ada, bob] = (await Promise.all(people)) as [Person, Person];
      await group(ada, bob);
      const b = await bob.socket();
      const a = await ada.socket();
      const connectedAt = Date.now();
      // Two rounds of notes have been taken by then.
      const notes = async () => {
        const { body } = await bob.get<{ presence: { lastSeenAt: string | null } }>('/users/me/export');
        return Date.parse(body.presence.lastSeenAt ?? '') > connectedAt + EVERY_MS;
      };
      await eventually(notes);
      const before = Date.now();
      server.signal(signal);
      await server.exit;
      const endedAt = Date.now();
      a.close();
      b.close();
      server = await ServerProcess.start(env(database.url));
      const again = await ChatClient.connect(server.url, ada.token ?? '');
      const [state] = await ask(again, bob);
      expect(state).toMatchObject({ online: false, lastSeenAt: expect.any(String) });
      const at = Date.parse(state?.lastSeenAt ?? '');
      expect(at).toBeLessThanOrEqual(endedAt);
      // One round of notes, and a round that a busy machine swallowed.
      expect(at).toBeGreaterThanOrEqual(before - (signal === 'SIGKILL' ? 10 * EVERY_MS : 2 * EVERY_MS));
      again.close();
      expect((await new Rest(server.url, ada.token).get('/chat-rooms')).status).toBe(200);
    } finally {
      server.signal('SIGKILL');
      await server.exit;
      await database.drop();
    }
  });
});
