import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/common/ids.js';
import { DomainEventBus } from '../../src/events/domain-event-bus.js';
import type { DomainEventName } from '../../src/events/domain-events.js';
import { BAD_BODIES, badTexts } from '../support/bad-bodies.js';
import { TestApp } from '../support/app.js';
import type { Answer, Person } from '../support/person.js';

interface Session {
  id: string;
  title: string | null;
  model: string;
  provider: string;
  groupId: string | null;
  isFavorite: boolean;
  isArchived: boolean;
  createdAt: string;
  updatedAt: string;
}

describe('/sessions', () => {
  let server: TestApp;
  let ann: Person;
  let eve: Person;
  const told: [name: DomainEventName, sessionId: string][] = [];

  beforeAll(async () => {
    server = await TestApp.start();
    [ann, eve] = [await server.person(), await server.person()];
    for (const name of ['session.created', 'session.updated', 'session.deleted'] as const)
      server.get(DomainEventBus).subscribe(name, ({ sessionId }) => void told.push([name, sessionId]));
  });

  afterAll(() => server.close());

  const made = async (who: Person, input: object = {}) => (await who.post<Session>('/sessions', input)).body;
  const listed = async (who: Person, query = '') => (await who.get<Session[]>(`/sessions${query}`)).body;
  const titles = async (who: Person, query = '') => (await listed(who, query)).map(({ title }) => title);
  const refusal = (answer: Answer) => [answer.status, (answer.body as { code: string }).code];
  const eventsOf = (id: string) => told.filter(([, sessionId]) => sessionId === id).map(([name]) => name);

  it('makes a session with the defaults of the server and shows it', async () => {
    const created = await ann.post<Session>('/sessions', {});
    expect(created.status).toBe(201);
    const session = created.body;
    expect(session).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      title: null,
      model: 'echo',
      provider: 'echo',
      groupId: null,
      isFavorite: false,
      isArchived: false,
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      updatedAt: session.createdAt,
    });
    expect((await ann.get(`/sessions/${session.id}`)).body).toEqual(session);
    expect(eventsOf(session.id)).toEqual(['session.created']);
  });

  it('makes a session with everything given, null meaning nothing given', async () => {
    const group = (await ann.post<{ id: string }>('/groups', { name: 'G' })).body;
    const given = { title: 'T 😀', groupId: group.id, model: 'echo', provider: 'echo', systemPrompt: 'Be brief.' };
    const { systemPrompt: _, ...shown } = given;
    expect(await made(ann, given)).toMatchObject(shown);
    const nothing = { title: null, groupId: null, model: null, provider: null, systemPrompt: null };
    expect(await made(ann, nothing)).toMatchObject({ title: null, groupId: null, model: 'echo' });
  });

  it('makes one session of twenty requests with one key', async () => {
    const bob = await server.person();
    const requests = Array.from({ length: 20 }, () => bob.post<Session>('/sessions', {}, { 'idempotency-key': 'one' }));
    const ids = new Set((await Promise.all(requests)).map(({ body }) => body.id));
    expect(ids.size).toBe(1);
    expect(await listed(bob)).toHaveLength(1);
    expect(eventsOf([...ids][0] as string)).toEqual(['session.created']);
  });

  it('changes what is given and leaves the rest alone', async () => {
    const group = (await ann.post<{ id: string }>('/groups', { name: 'G' })).body;
    const session = await made(ann, { title: 'Before' });
    const path = `/sessions/${session.id}`;
    const steps: [change: object, effect: object][] = [
      [{ title: 'After' }, { title: 'After' }],
      [{ isFavorite: true }, { isFavorite: true }],
      [{ groupId: group.id }, { groupId: group.id }],
      [{ archived: true }, { isArchived: true }],
      [{ model: 'echo' }, { model: 'echo', provider: 'echo' }],
      [{ model: null }, { model: 'echo' }],
      [
        { groupId: null, archived: false },
        { groupId: null, isArchived: false },
      ],
    ];
    let expected: object = session;
    for (const [change, effect] of steps) {
      expected = { ...expected, ...effect, updatedAt: expect.any(String) };
      const changed = await ann.patch(path, change);
      expect(changed.status).toBe(200);
      expect(changed.body).toEqual(expected);
      expect((await ann.get(path)).body).toEqual(changed.body);
    }
    expect(eventsOf(session.id)).toEqual(['session.created', ...steps.map(() => 'session.updated')]);
  });

  it('does nothing when nothing is given', async () => {
    const session = await made(ann);
    expect((await ann.patch(`/sessions/${session.id}`, {})).body).toEqual(session);
    expect(eventsOf(session.id)).toEqual(['session.created']);
  });

  it('marks favourites and moves between groups through the short routes', async () => {
    const group = (await ann.post<{ id: string }>('/groups', { name: 'G' })).body;
    const { id } = await made(ann);
    expect((await ann.patch(`/sessions/${id}/favorite`, { isFavorite: true })).body).toMatchObject({
      isFavorite: true,
    });
    expect((await ann.patch(`/sessions/${id}/group`, { groupId: group.id })).body).toMatchObject({ groupId: group.id });
    expect((await ann.get(`/groups/${group.id}/sessions`)).body).toMatchObject([{ id, isFavorite: true }]);
    expect((await ann.patch(`/sessions/${id}/group`, { groupId: null })).body).toMatchObject({ groupId: null });
    expect((await ann.get(`/groups/${group.id}/sessions`)).body).toEqual([]);
  });

  it('deletes a session', async () => {
    const { id } = await made(ann);
    const deleted = await ann.delete(`/sessions/${id}`);
    expect([deleted.status, deleted.body]).toEqual([200, { ok: true }]);
    expect(refusal(await ann.get(`/sessions/${id}`))).toEqual([404, 'SESSION_NOT_FOUND']);
    expect(refusal(await ann.delete(`/sessions/${id}`))).toEqual([404, 'SESSION_NOT_FOUND']);
    expect(eventsOf(id)).toEqual(['session.created', 'session.deleted']);
  });

  it('lists the latest active first, without archived ones unless asked for them', async () => {
    const bob = await server.person();
    const group = (await bob.post<{ id: string }>('/groups', { name: 'G' })).body;
    const [a, b] = [await made(bob, { title: 'a' }), await made(bob, { title: 'b', groupId: group.id })];
    await made(bob, { title: 'c' });
    expect(await titles(bob)).toEqual(['c', 'b', 'a']);
    await bob.patch(`/sessions/${a.id}`, { isFavorite: true });
    expect(await titles(bob)).toEqual(['a', 'c', 'b']);
    await bob.patch(`/sessions/${b.id}`, { archived: true });
    expect(await titles(bob)).toEqual(['a', 'c']);
    expect(await titles(bob, '?archived=false')).toEqual(['a', 'c']);
    expect(await titles(bob, '?archived=true')).toEqual(['b']);
    expect(await titles(bob, '?favorite=true')).toEqual(['a']);
    expect(await titles(bob, '?favorite=false')).toEqual(['c']);
    expect(await titles(bob, `?groupId=${group.id}&archived=true`)).toEqual(['b']);
    expect(await titles(bob, `?groupId=${group.id}`)).toEqual([]);
    expect(await titles(bob, `?groupId=${newId()}`)).toEqual([]);
  });

  it('searches in titles, taking the marks of patterns for what they are', async () => {
    const bob = await server.person();
    for (const title of ['100% sure', '100 sure', 'a_b', 'aXb', 'back\\slash', 'Größe ПРИВЕТ'])
      await made(bob, { title });
    const found = (text: string) => titles(bob, `?search=${encodeURIComponent(text)}`);
    expect(await found('100%')).toEqual(['100% sure']);
    expect(await found('a_b')).toEqual(['a_b']);
    expect(await found('k\\s')).toEqual(['back\\slash']);
    expect(await found('größe привет')).toEqual(['Größe ПРИВЕТ']);
    expect(await found("' OR 1=1 --")).toEqual([]);
    expect(await found(' ')).toHaveLength(6);
  });

  it('pages through sessions without doubles or gaps while others are made and changed', async () => {
    const bob = await server.person();
    for (let index = 0; index < 11; index++) await made(bob, { title: `s${index}` });
    const all = await listed(bob);
    const seen: Session[] = [];
    let path: string | null = '/sessions?limit=3&archived=false';
    while (path) {
      const page: Answer<Session[]> = await bob.get(path);
      seen.push(...page.body);
      await made(bob, { title: 'new' });
      await bob.patch(`/sessions/${(seen[0] as Session).id}`, { isFavorite: true });
      const link = page.headers.get('link');
      path = link && (/^<(.*)>; rel="next"$/.exec(link)?.[1] as string);
    }
    expect(seen.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
  });

  describe('somebody else', () => {
    it('gets 404 for everything, as for absent sessions and for what is no id', async () => {
      const session = await made(ann, { title: 'Private' });
      for (const id of [session.id, newId(), 'x', '%00', '[object Object]']) {
        const who = id === session.id ? eve : ann;
        const answers = [
          await who.get(`/sessions/${id}`),
          await who.patch(`/sessions/${id}`, { title: 'Mine' }),
          await who.patch(`/sessions/${id}`, {}),
          await who.patch(`/sessions/${id}/favorite`, { isFavorite: true }),
          await who.patch(`/sessions/${id}/group`, { groupId: null }),
          await who.delete(`/sessions/${id}`),
          await who.get(`/sessions/${id}/export.json`),
          await who.get(`/sessions/${id}/export.md`),
        ];
        for (const answer of answers) expect([id, ...refusal(answer)]).toEqual([id, 404, 'SESSION_NOT_FOUND']);
      }
      expect((await ann.get(`/sessions/${session.id}`)).body).toEqual(session);
      expect(await listed(eve)).toEqual([]);
      expect(await listed(eve, '?search=Private')).toEqual([]);
    });

    it("cannot put a session into another person's group", async () => {
      const group = (await ann.post<{ id: string }>('/groups', { name: 'Mine' })).body;
      const session = await made(eve);
      for (const answer of [
        await eve.post('/sessions', { groupId: group.id }),
        await eve.patch(`/sessions/${session.id}`, { groupId: group.id }),
        await eve.patch(`/sessions/${session.id}/group`, { groupId: group.id }),
        await eve.patch(`/sessions/${session.id}/group`, { groupId: newId() }),
      ])
        expect(refusal(answer)).toEqual([404, 'GROUP_NOT_FOUND']);
      expect(await listed(eve)).toEqual([session]);
    });
  });

  describe('bad input', () => {
    const idText: [string, string][] = badTexts('groupId', 100);
    const texts: [string, string][] = [
      ...badTexts('title', 200).map(([name, body]): [string, string] => [`title: ${name}`, body]),
      ...badTexts('model', 200).map(([name, body]): [string, string] => [`model: ${name}`, body]),
      ...badTexts('provider', 200).map(([name, body]): [string, string] => [`provider: ${name}`, body]),
      ...idText.map(([name, body]): [string, string] => [`groupId: ${name}`, body]),
      ['groupId: no id', '{"groupId":"abc"}'],
      ['an unknown model', '{"model":"no-such-model"}'],
      ['an unknown provider', '{"provider":"no-such-provider"}'],
      ...BAD_BODIES,
    ];
    const prompts = badTexts('systemPrompt', 10_000);

    it.each([...texts, ...prompts])('makes no session of %s', async (_, body) => {
      const before = await listed(eve, '?limit=100');
      expect((await eve.post('/sessions', body)).status).toBe(400);
      expect(await listed(eve, '?limit=100')).toEqual(before);
    });

    it.each([
      ...texts,
      ['title: null', '{"title":null}'],
      ['isFavorite: null', '{"isFavorite":null}'],
      ['isFavorite: a text', '{"isFavorite":"true"}'],
      ['archived: a number', '{"archived":1}'],
      ['archived: null', '{"archived":null}'],
      ['provider: null', '{"provider":null}'],
      ['a system prompt', '{"systemPrompt":"x"}'],
    ])('changes nothing for %s', async (_, body) => {
      const session = await made(eve, { title: 'Keep' });
      expect((await eve.call('PATCH', `/sessions/${session.id}`, body)).status).toBe(400);
      expect((await eve.get(`/sessions/${session.id}`)).body).toEqual(session);
    });

    it.each([
      ['favorite', '{}'],
      ['favorite', '{"isFavorite":null}'],
      ['favorite', '{"isFavorite":"yes"}'],
      ['favorite', '{"isFavorite":[true]}'],
      ['favorite', '{"isFavorite":true,"surprise":1}'],
      ['favorite', '[]'],
      ['group', '{}'],
      ['group', '{"groupId":7}'],
      ['group', '{"groupId":["x"]}'],
      ['group', '{"groupId":""}'],
      ['group', '{"groupId":null,"__proto__":{}}'],
    ])('changes nothing through /%s for %s', async (route, body) => {
      const session = await made(eve);
      expect((await eve.call('PATCH', `/sessions/${session.id}/${route}`, body)).status).toBe(400);
      expect((await eve.get(`/sessions/${session.id}`)).body).toEqual(session);
    });

    it.each([
      'archived=yes',
      'archived=',
      'archived=true&archived=false',
      'favorite=1',
      'groupId=x',
      'groupId[]=x',
      `search=${'x'.repeat(201)}`,
      'search=%00',
      'search=a&search=b',
      'search[contains]=a',
      'limit=1000',
      'surprise=1',
    ])('refuses to list by ?%s', async (query) => {
      const group = (await ann.post<{ id: string }>('/groups', { name: 'G' })).body;
      expect((await ann.get(`/sessions?${query}`)).status).toBe(400);
      expect((await ann.get(`/groups/${group.id}/sessions?${query}`)).status).toBe(400);
    });

    it.each(['x', 'bnVsbA', Buffer.from('["2026","x"]').toString('base64url')])(
      'refuses the cursor %s',
      async (cursor) => {
        expect(refusal(await ann.get(`/sessions?cursor=${cursor}`))).toEqual([400, 'INVALID_CURSOR']);
      },
    );

    it('refuses a body of more than 64 KB with 413', async () => {
      expect(refusal(await ann.post('/sessions', { title: 'x'.repeat(65_536) }))).toEqual([413, 'PAYLOAD_TOO_LARGE']);
    });
  });
});
