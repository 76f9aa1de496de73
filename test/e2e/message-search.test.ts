import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ChatRoomResponse } from '../../src/chat-rooms/dto/chat-room.response.dto.js';
import type { MessageResponse } from '../../src/messages/dto/message.response.dto.js';
import { TestApp } from '../support/app.js';
import type { Person } from '../support/person.js';

describe('searching messages', () => {
  let app: TestApp;
  let ada: Person;
  let bob: Person;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    [ada, bob] = await Promise.all([app.person(), app.person()]);
  });

  async function room(owner: Person, ...others: Person[]): Promise<string> {
    const participantIds = others.map(({ id }) => id);
    return (await owner.post<ChatRoomResponse>('/chat-rooms', { type: 'GROUP', participantIds })).body.id;
  }

  const say = async (person: Person, id: string, content: string) =>
    (await person.post<MessageResponse>(`/chat-rooms/${id}/messages`, { content })).body;
  const search = async (person: Person, q: string, more = '') =>
    (await person.get<MessageResponse[]>(`/messages/search?q=${encodeURIComponent(q)}${more}`)).body;
  const found = async (person: Person, q: string, more = '') => (await search(person, q, more)).map(({ id }) => id);

  it('finds Russian and English words in any of their forms', async () => {
    const id = await room(ada, bob);
    const { id: russian } = await say(ada, id, 'Вчера мы пили зелёный чай в больших чашках');
    const { id: english } = await say(ada, id, 'Yesterday the children were running towards the cities');
    for (const q of [
      'чашка',
      'ЧАШКИ',
      'большая чашка',
      '"зелёный чай"',
      'выпил or чаем',
      'чай -кофе',
      'зелён',
      'зеленый',
    ])
      expect([q, await found(bob, q)]).toEqual([q, [russian]]);
    for (const q of ['run', 'Children', 'city', 'the city', 'runs toward', 'yester'])
      expect([q, await found(bob, q)]).toEqual([q, [english]]);
    for (const q of ['кофе', 'чай кофе', '"чай зелёный"', 'runner-up', 'the', 'и', '"', "'", ':*', '!', '&|', '\\'])
      expect([q, await found(bob, q)]).toEqual([q, []]);
  });

  it('looks where the person is now: in rooms by membership, in sessions by ownership', async () => {
    const id = await room(ada, bob);
    const { id: said } = await say(ada, id, 'wombats are here');
    const sessionId = await ada.session();
    await ada.post('/messages', { sessionId, role: 'assistant', content: 'wombats in a session' });
    expect(await search(ada, 'wombat')).toHaveLength(2);
    expect(await found(bob, 'wombat')).toEqual([said]);
    expect(await found(bob, 'wombat', `&conversationId=${id}`)).toEqual([said]);
    expect(await search(ada, 'wombat', `&conversationId=${sessionId}`)).toMatchObject([{ sessionId }]);
    const foreign = await bob.get(`/messages/search?q=wombat&conversationId=${sessionId}`);
    expect(foreign.body).toMatchObject({ code: 'CONVERSATION_NOT_FOUND' });
    await ada.delete(`/chat-rooms/${id}/participants/${bob.id}`);
    expect(await found(bob, 'wombat')).toEqual([]);
    await ada.post(`/chat-rooms/${id}/participants`, { participantIds: [bob.id] });
    expect(await found(bob, 'wombat')).toEqual([said]);
  });

  it('finds a text as it is now, and not what was deleted or replaced', async () => {
    const id = await room(ada, bob);
    const { id: said } = await say(ada, id, 'quokka');
    await ada.patch(`/messages/${said}`, { content: 'numbat' });
    expect([await found(bob, 'quokka'), await found(bob, 'numbat')]).toEqual([[], [said]]);
    await ada.delete(`/messages/${said}`);
    expect(await found(bob, 'numbat')).toEqual([]);

    const sessionId = await ada.session();
    await ada.post('/messages/stream', { sessionId, prompt: 'bilby' });
    const [question, answer] = await ada.messages(sessionId);
    expect(await found(ada, 'bilby')).toEqual([answer?.id, question?.id]);
    await ada.patch(`/messages/${question?.id}`, { content: 'dingo' });
    expect(await found(ada, 'bilby')).toEqual([]);
    expect(await found(ada, 'dingo')).toContain(question?.id);
  });

  it('pages newest first, each message once, also while more is said', async () => {
    const id = await room(ada, bob);
    const ids: string[] = [];
    for (let index = 0; index < 7; index++) ids.unshift((await say(index % 2 ? ada : bob, id, `echidna ${index}`)).id);
    const seen: string[] = [];
    let next = '/messages/search?q=echidna&limit=3';
    for (let page = 0; next !== ''; page++) {
      const answer = await bob.get<MessageResponse[]>(next);
      seen.push(...answer.body.map((message) => message.id));
      await say(ada, id, `echidna, later ${page}`);
      next = /<([^>]+)>/.exec(answer.headers.get('link') ?? '')?.[1]?.replace(bob.url, '') ?? '';
    }
    expect(seen).toEqual(ids);
  });
});
