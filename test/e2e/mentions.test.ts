import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ChatRoomResponse } from '../../src/chat-rooms/dto/chat-room.response.dto.js';
import type { MessageResponse } from '../../src/messages/dto/message.response.dto.js';
import { TestApp } from '../support/app.js';
import type { ChatClient } from '../support/chat-client.js';
import type { Person } from '../support/person.js';

describe('mentions', () => {
  let app: TestApp;
  let ada: Person;
  let bob: Person;
  let cyd: Person;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    [ada, bob, cyd] = await Promise.all([app.person(), app.person(), app.person()]);
    await ada.patch('/users/me', { name: 'Ada Lovelace', firstName: 'Ada' });
    await bob.patch('/users/me', { name: 'Боб Иванович' });
    await cyd.patch('/users/me', { name: 'Cyd' });
  });
  afterEach(() => {
    for (const person of [ada, bob, cyd]) person.closeSockets();
  });

  async function group(owner: Person, ...others: Person[]): Promise<string> {
    const participantIds = others.map(({ id }) => id);
    return (await owner.post<ChatRoomResponse>('/chat-rooms', { type: 'GROUP', participantIds })).body.id;
  }

  const say = async (person: Person, id: string, content: string) =>
    (await person.post<MessageResponse>(`/chat-rooms/${id}/messages`, { content })).body;
  const mine = async (person: Person, query = '') =>
    (await person.get<MessageResponse[]>(`/users/me/mentions${query}`)).body;
  const settled = (client: ChatClient) => client.command('presence', { userIds: [] });

  it('become ids, are told to those who are named wherever they look, and to nobody else', async () => {
    const id = await group(ada, bob, cyd);
    const [a, b, c] = await Promise.all([ada.socket(), bob.socket(), cyd.socket()]);
    await b.command('joinChatRoom', { chatRoomId: id });
    const message = await say(ada, id, '@боб  иванович and @Ada and x@cyd: tea?');
    expect(message.mentions).toEqual([bob.id]);
    const told = { chatRoomId: id, messageId: message.id, seq: 1, mentionedBy: ada.id };
    expect(await b.event('mentioned')).toEqual(told);
    expect(await b.event('newMessage')).toMatchObject({ message: { mentions: [bob.id] } });
    await Promise.all([a, b, c].map(settled));
    expect([a, b, c].map((client) => client.all('mentioned').length)).toEqual([0, 1, 0]);
    expect(await mine(bob)).toMatchObject([{ id: message.id, content: message.content, chatRoomId: id }]);
    expect([await mine(ada), await mine(cyd)]).toEqual([[], []]);
  });

  it('outlive other names of the people', async () => {
    const id = await group(ada, bob, cyd);
    const { id: messageId } = await say(ada, id, '@Cyd?');
    await cyd.patch('/users/me', { name: 'Sid' });
    await bob.patch('/users/me', { name: 'Cyd' });
    expect((await ada.get<MessageResponse[]>(`/chat-rooms/${id}/messages`)).body).toMatchObject([
      { mentions: [cyd.id] },
    ]);
    expect(await mine(cyd)).toMatchObject([{ id: messageId }]);
    expect(await mine(bob)).toEqual([]);
    expect((await say(ada, id, '@Cyd?')).mentions).toEqual([bob.id]);
  });

  it('follow edits, telling only those who were not named before, and go with the message', async () => {
    const id = await group(ada, bob, cyd);
    const [b, c] = await Promise.all([bob.socket(), cyd.socket()]);
    const { id: messageId } = await say(ada, id, '@cyd');
    await c.event('mentioned');
    const edited = await ada.patch<MessageResponse>(`/messages/${messageId}`, { content: `@cyd, @${bob.id}` });
    expect(edited.body.mentions).toEqual([cyd.id, bob.id]);
    await b.event('mentioned');
    await settled(c);
    expect(c.all('mentioned')).toHaveLength(1);
    await ada.patch(`/messages/${messageId}`, { content: '@боб иванович' });
    expect([(await mine(bob)).length, (await mine(cyd)).length]).toEqual([1, 0]);
    expect((await ada.delete<MessageResponse>(`/messages/${messageId}`)).body).toMatchObject({ mentions: [] });
    expect(await mine(bob)).toEqual([]);
  });

  it('are listed newest first, page by page, of rooms that the person is still in', async () => {
    const [id, other] = [await group(ada, bob, cyd), await group(ada, bob)];
    const ids: string[] = [];
    for (let index = 0; index < 5; index++)
      ids.unshift((await say(ada, index === 2 ? other : id, `@боб иванович ${index}`)).id);
    const first = await bob.get<MessageResponse[]>('/users/me/mentions?limit=2');
    await say(ada, id, '@боб иванович, later');
    const cursor = first.headers.get('x-next-cursor') ?? '';
    const rest = await mine(bob, `?limit=10&cursor=${cursor}`);
    expect([...first.body, ...rest].map((message) => message.id)).toEqual(ids);
    await ada.delete(`/chat-rooms/${id}/participants/${bob.id}`);
    expect((await mine(bob)).map((message) => message.id)).toEqual([ids[2]]);
    // Nobody who is outside is named.
    expect((await say(ada, id, '@боб иванович')).mentions).toEqual([]);
  });
});
