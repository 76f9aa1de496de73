import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/common/ids.js';
import { BAD_BODIES, badTexts } from '../support/bad-bodies.js';
import { TestApp } from '../support/app.js';
import type { Answer, Person } from '../support/person.js';

interface Group {
  id: string;
  name: string;
  sessionCount: number;
  createdAt: string;
  updatedAt: string;
}

describe('/groups', () => {
  let server: TestApp;
  let ann: Person;
  let eve: Person;

  beforeAll(async () => {
    server = await TestApp.start();
    [ann, eve] = [await server.person(), await server.person()];
  });

  afterAll(() => server.close());

  const made = async (who: Person, name = 'Plans') => (await who.post<Group>('/groups', { name })).body;
  const refusal = (answer: Answer) => [answer.status, (answer.body as { code: string }).code];

  it('makes, shows, renames and deletes a group', async () => {
    const bob = await server.person();
    const created = await bob.post<Group>('/groups', { name: 'Größe 😀' });
    expect(created.status).toBe(201);
    const group = created.body;
    expect(group).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: 'Größe 😀',
      sessionCount: 0,
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      updatedAt: group.createdAt,
    });
    const renamed = (await bob.patch<Group>(`/groups/${group.id}`, { name: 'B' })).body;
    expect(renamed).toMatchObject({ id: group.id, name: 'B', createdAt: group.createdAt });
    expect(Date.parse(renamed.updatedAt)).toBeGreaterThanOrEqual(Date.parse(group.updatedAt));
    expect((await bob.patch(`/groups/${group.id}`, {})).body).toEqual(renamed);
    expect((await bob.get('/groups')).body).toEqual([renamed]);
    const deleted = await bob.delete(`/groups/${group.id}`);
    expect([deleted.status, deleted.body]).toEqual([200, { ok: true }]);
    expect((await bob.get('/groups')).body).toEqual([]);
  });

  it('takes names of up to 100 characters', async () => {
    expect((await ann.post('/groups', { name: 'x'.repeat(100) })).status).toBe(201);
  });

  it('pages through many groups in the order they were made, while more are made', async () => {
    const bob = await server.person();
    const names = Array.from({ length: 7 }, (_, index) => `g${index}`);
    for (const name of names) await made(bob, name);
    const seen: string[] = [];
    let path: string | null = '/groups?limit=3';
    while (path) {
      const page: Answer<Group[]> = await bob.get(path);
      seen.push(...page.body.map(({ name }) => name));
      if (seen.length === 3) names.push((await made(bob, 'late')).name);
      const link = page.headers.get('link');
      expect(link === null).toBe(page.headers.get('x-next-cursor') === null);
      path = link && (/^<(.*)>; rel="next"$/.exec(link)?.[1] as string);
    }
    expect(seen).toEqual(names);
  });

  it('refuses a cursor that is not its own', async () => {
    for (const cursor of [
      'x',
      Buffer.from('["a","b"]').toString('base64url'),
      Buffer.from('[1]').toString('base64url'),
    ])
      expect(refusal(await ann.get(`/groups?cursor=${cursor}`))).toEqual([400, 'INVALID_CURSOR']);
  });

  it('keeps the sessions of a deleted group, without the group', async () => {
    const group = await made(ann);
    const session = (await ann.post<{ id: string; groupId: string }>('/sessions', { groupId: group.id })).body;
    expect(session.groupId).toBe(group.id);
    expect((await ann.get('/groups')).body).toContainEqual({ ...group, sessionCount: 1 });
    await ann.delete(`/groups/${group.id}`);
    expect((await ann.get(`/sessions/${session.id}`)).body).toMatchObject({ id: session.id, groupId: null });
  });

  it("answers 404 alike for absent groups, other people's and what is no id", async () => {
    const group = await made(ann);
    for (const id of [group.id, newId(), 'x', '%00', "1'--"]) {
      const who = id === group.id ? eve : ann;
      for (const answer of [
        await who.patch(`/groups/${id}`, { name: 'Mine now' }),
        await who.delete(`/groups/${id}`),
        await who.get(`/groups/${id}/sessions`),
      ])
        expect([id, ...refusal(answer)]).toEqual([id, 404, 'GROUP_NOT_FOUND']);
    }
    expect((await eve.get('/groups')).body).toEqual([]);
    expect((await ann.get('/groups')).body).toContainEqual(group);
  });

  it.each([['nothing', '{}'], ['null', '{"name":null}'], ...badTexts('name', 100), ...BAD_BODIES])(
    'refuses to make a group of %s',
    async (_, body) => {
      const answer = await ann.post('/groups', body);
      expect([answer.status, Object.keys(answer.body as object)]).toEqual([
        400,
        expect.arrayContaining(['statusCode', 'error', 'code', 'message', 'requestId']),
      ]);
    },
  );

  it.each([['null', '{"name":null}'], ...badTexts('name', 100), ...BAD_BODIES])(
    'refuses to rename a group to %s and leaves it as it is',
    async (_, body) => {
      const group = await made(eve);
      expect((await eve.call('PATCH', `/groups/${group.id}`, body)).status).toBe(400);
      expect((await eve.get('/groups?limit=100')).body).toContainEqual(group);
      await eve.delete(`/groups/${group.id}`);
    },
  );

  it('names the key that it does not know', async () => {
    const answer = await ann.post('/groups', { name: 'x', surprise: 1 });
    expect(answer.body).toMatchObject({ code: 'VALIDATION_FAILED', details: [{ field: 'surprise' }] });
  });

  it('refuses a body of more than 64 KB with 413', async () => {
    expect(refusal(await ann.post('/groups', { name: 'x'.repeat(65_536) }))).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });

  it.each(['limit=0', 'limit=101', 'limit=x', 'limit=1&limit=2', 'limit[]=1', 'surprise=1', '__proto__=1'])(
    'refuses to list by ?%s',
    async (query) => {
      expect((await ann.get(`/groups?${query}`)).status).toBe(400);
    },
  );
});
