import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ChatResponse } from '../../src/operators/dto/chat.response.dto.js';
import type { DeskMessageResponse } from '../../src/operators/dto/desk-message.response.dto.js';
import { ADMIN, Desk, type DeskClient, type Refusal } from '../support/desk.js';
import { Rest } from '../support/person.js';

describe('the operator desk', () => {
  let desk: Desk;
  let admin: DeskClient;
  let senior: DeskClient;
  let first: DeskClient;
  let second: DeskClient;

  beforeAll(async () => {
    desk = await Desk.start();
    admin = desk.admin;
    [senior, first, second] = [
      await desk.operator('senior_operator'),
      await desk.operator(),
      await desk.operator(),
    ] as const;
  });
  afterAll(() => desk.close());

  describe('operators', () => {
    it('sign in in their own dialect, which leaves out what it does not know', async () => {
      const answer = await new Rest(desk.app.url).post<{
        success: boolean;
        data: { operator: object; tokens: object };
      }>('/api/auth/login', { ...ADMIN, rememberMe: true });
      expect(answer.status).toBe(200);
      expect(answer.body.success).toBe(true);
      expect(answer.body.data.operator).toMatchObject({
        id: admin.id,
        email: ADMIN.email,
        role: 'admin',
        is_active: true,
      });
      expect(Object.keys(answer.body.data.tokens)).toEqual(['access', 'refresh']);
    });

    it('are the only ones who can sign in there', async () => {
      const person = await desk.app.person();
      const { email, password } = person;
      const refused = await new Rest(desk.app.url).post<Refusal>('/api/auth/login', { email, password });
      expect([refused.status, refused.body.code]).toEqual([403, 'FORBIDDEN']);
      expect((await person.get('/api/chats')).status).toBe(403);
    });

    it('say whether they are there', async () => {
      const me = await first.me({ status: 'online', maxChats: 7 });
      expect(me).toMatchObject({ id: first.id, status: 'online', max_chats: 7, active_chats: 0 });
      expect(me.last_activity).not.toBeNull();
      expect((await first.get('/api/operators/me')).body).toMatchObject({ status: 'online', max_chats: 7 });
      await first.me({ status: 'offline', maxChats: 100 });
    });

    it('are made and changed by admins alone, which the audit log shows', async () => {
      const account = { email: 'new@example.com', password: 'quite a long password', name: 'New', role: 'operator' };
      expect((await senior.post('/api/operators', account)).status).toBe(403);
      const made = await admin.post<{ id: string; role: string }>('/api/operators', account);
      expect(made).toMatchObject({ status: 201, body: { role: 'operator', max_chats: 10 } });
      expect((await admin.post<Refusal>('/api/operators', account)).body.code).toBe('EMAIL_TAKEN');
      const { id } = made.body;
      const changed = await admin.patch(`/api/operators/${id}`, {
        name: 'Newer',
        role: 'senior_operator',
        maxChats: 3,
      });
      expect(changed.body).toMatchObject({ name: 'Newer', role: 'senior_operator', max_chats: 3 });
      const audit = await admin.get<{ action: string; actor_id: string }[]>(`/api/audit?subject_id=${id}`);
      expect(audit.body.map(({ action }) => action)).toEqual(['user.role-changed', 'operator.created']);
      expect(audit.body.every(({ actor_id }) => actor_id === admin.id)).toBe(true);
      expect((await senior.get('/api/audit')).status).toBe(403);
    });

    it('leave their chats to the queue when they may not sign in any more', async () => {
      const leaving = await desk.operator();
      const customer = await desk.waiting();
      expect((await leaving.move(customer.chatId, 'take')).status).toBe(200);
      const off = await admin.patch(`/api/operators/${leaving.id}`, { isActive: false });
      expect(off.body).toMatchObject({ is_active: false, status: 'offline' });
      expect((await leaving.get('/api/chats')).status).toBe(401);
      await expect(admin.chat(customer.chatId)).resolves.toMatchObject({ status: 'waiting', operator_id: null });
      const last = await admin.patch<Refusal>(`/api/operators/${admin.id}`, { isActive: false });
      expect(last.body.code).toBe('LAST_ADMIN');
    });
  });

  describe('a chat', () => {
    it('waits once its customer asks for a human, who is told so', async () => {
      const customer = await desk.customer({ languageCode: 'ru' });
      await customer.say('Позовите оператора!');
      const chat = await first.chat(customer.chatId);
      expect(chat).toMatchObject({
        status: 'waiting',
        source: 'telegram',
        operator_id: null,
        user_id: customer.id,
        user: { first_name: 'Ada', is_blocked: false },
        unread_count: 1,
      });
      // The list shows what was said; the notice stands among the messages.
      expect(chat.last_message).toMatchObject({ author_type: 'user', text: 'Позовите оператора!' });
      const notice = (await first.messages(customer.chatId)).at(-1);
      expect(notice).toMatchObject({ author_type: 'bot', metadata: { role: 'system' } });
      expect(notice?.text).toMatch(/оператор/);
    });

    it('goes to one operator, who is named to the others', async () => {
      const { chatId } = await desk.waiting();
      expect((await first.move(chatId, 'take')).body).toMatchObject({ status: 'in_progress', operator_id: first.id });
      for (const late of [second, first, senior]) {
        const refused = await late.move<Refusal>(chatId, 'take');
        expect([refused.status, refused.body.code]).toEqual([409, 'CHAT_ALREADY_TAKEN']);
        expect(refused.body.details).toMatchObject({ operatorId: first.id });
      }
      expect((await second.get(`/api/chats/${chatId}`)).status).toBe(404);
      expect((await senior.get(`/api/chats/${chatId}`)).status).toBe(200);
      expect((await second.chats()).map(({ id }) => id)).not.toContain(chatId);
    });

    it('is not given to hands that are full', async () => {
      const busy = await desk.operator('operator', 1);
      const [one, two] = [await desk.waiting(), await desk.waiting()];
      expect((await busy.move(one.chatId, 'take')).status).toBe(200);
      const refused = await busy.move<Refusal>(two.chatId, 'take');
      expect([refused.status, refused.body.code]).toEqual([409, 'OPERATOR_AT_CAPACITY']);
      const transfer = await senior.move<Refusal>(two.chatId, 'transfer', { operatorId: busy.id });
      expect(transfer.body.code).toBe('OPERATOR_AT_CAPACITY');
    });

    it('is answered by its holder and by seniors', async () => {
      const { chatId } = await desk.waiting();
      expect((await first.reply<Refusal>(chatId, 'too early')).body.code).toBe('CHAT_NOT_TAKEN');
      await first.move(chatId, 'take');
      expect((await second.reply(chatId, 'not mine')).status).toBe(404);
      const said = await first.reply(chatId, 'Hello, how can I help?');
      expect(said.status).toBe(201);
      expect(said.body).toMatchObject({ author_type: 'operator', author_id: first.id, chat_id: chatId });
      expect((await senior.reply(chatId, 'And I am here too.')).status).toBe(201);
      expect((await first.reply(chatId, 'x'.repeat(4097))).status).toBe(400);
      expect((await first.call('POST', `/api/chats/${chatId}/messages`, '{"text":')).status).toBe(400);
      const chat = await first.chat(chatId);
      expect(chat.first_response_at).not.toBeNull();
      expect(chat.unread_count).toBe(0);
    });

    it('refuses a reply that does not know what was said last, and shows it', async () => {
      const customer = await desk.waiting();
      const { chatId } = customer;
      await first.move(chatId, 'take');
      const seen = (await first.messages(chatId)).at(-1)?.seq ?? 0;
      await customer.say('Wait, it works now!');
      const refused = await first.reply<Refusal>(chatId, 'Restart it.', { ifSeq: seen });
      expect([refused.status, refused.body.code]).toEqual([409, 'STALE_READ']);
      const { messages } = refused.body.details as { messages: DeskMessageResponse[] };
      expect(messages.map(({ text }) => text)).toEqual(['Wait, it works now!']);
      expect((await first.reply(chatId, 'Glad to hear.', { ifSeq: messages[0]?.seq })).status).toBe(201);
    });

    it('stores a repeated reply once, although it knows of nothing that it said itself', async () => {
      const { chatId } = await desk.waiting();
      await first.move(chatId, 'take');
      const seen = (await first.messages(chatId)).at(-1)?.seq ?? 0;
      const rest = { ifSeq: seen, clientMessageId: 'reply-1' };
      const once = await first.reply(chatId, 'Hello!', rest);
      const again = await first.reply(chatId, 'Hello!', rest);
      expect(again.body.id).toBe(once.body.id);
      expect((await first.messages(chatId)).filter(({ author_type }) => author_type === 'operator')).toHaveLength(1);
    });

    it('is closed by its holder, takes no more replies, and is opened again by a senior', async () => {
      const { chatId } = await desk.waiting();
      await first.move(chatId, 'take');
      const closed = await first.move(chatId, 'close', { resolution: 'solved' });
      expect(closed.body).toMatchObject({ status: 'closed', operator_id: first.id, resolution: 'solved' });
      expect((await first.reply<Refusal>(chatId, 'One more thing')).body.code).toBe('CHAT_CLOSED');
      expect((await first.move<Refusal>(chatId, 'close')).body.code).toBe('CHAT_CLOSED');
      expect((await first.move<Refusal>(chatId, 'take')).body.code).toBe('CHAT_CLOSED');
      expect((await first.move(chatId, 'reopen')).status).toBe(403);
      expect((await senior.move(chatId, 'reopen')).body).toMatchObject({ status: 'waiting', operator_id: null });
      expect((await senior.move<Refusal>(chatId, 'reopen')).body.code).toBe('CHAT_NOT_CLOSED');
    });

    it('moves between operators and the queue, by seniors', async () => {
      const { chatId } = await desk.waiting();
      await first.move(chatId, 'take');
      expect((await first.move(chatId, 'transfer', { operatorId: second.id })).status).toBe(403);
      const moved = await senior.move(chatId, 'transfer', { operatorId: second.id });
      expect(moved.body).toMatchObject({ status: 'in_progress', operator_id: second.id });
      expect((await first.get(`/api/chats/${chatId}`)).status).toBe(404);
      const queued = await senior.move(chatId, 'transfer', { operatorId: 'queue' });
      expect(queued.body).toMatchObject({ status: 'waiting', operator_id: null });
      expect((await senior.move<Refusal>(chatId, 'transfer', { operatorId: 'queue' })).body.code).toBe(
        'CHAT_NOT_TAKEN',
      );
      const nobody = await senior.move<Refusal>(chatId, 'transfer', { operatorId: 'nobody' });
      expect([nobody.status, nobody.body.code]).toEqual([404, 'OPERATOR_NOT_FOUND']);
    });

    it('has its moves in the audit log, one line each', async () => {
      const { chatId } = await desk.waiting();
      await first.move(chatId, 'take');
      await second.move(chatId, 'take');
      await first.move(chatId, 'return');
      const audit = await admin.get<{ action: string; data: object }[]>(`/api/audit?subject_id=${chatId}`);
      expect(audit.body.map(({ action }) => action)).toEqual(['chat.returned', 'chat.taken', 'chat.escalated']);
      expect(audit.body[1]?.data).toMatchObject({ from: 'waiting', to: 'in_progress', operatorId: first.id });
    });

    it('carries tags, a priority, a pin and notes', async () => {
      const { chatId } = await desk.waiting();
      const marks = { priority: 'urgent', tags: ['refund', 'vip'], isPinned: true };
      const marked = await first.patch<ChatResponse>(`/api/chats/${chatId}`, { ...marks, color: 'red' });
      expect(marked.body).toMatchObject({ priority: 'urgent', tags: ['refund', 'vip'], is_pinned: true });
      expect((await first.patch(`/api/chats/${chatId}`, { tags: ['', 'x'] })).status).toBe(400);
      expect((await first.chats())[0]?.id).toBe(chatId);
      await first.patch(`/api/chats/${chatId}`, { isPinned: false });
      const note = await second.move<{ author_id: string }>(chatId, 'notes', { text: 'Knows what he wants.' });
      expect(note).toMatchObject({ status: 201, body: { author_id: second.id, chat_id: chatId } });
      expect((await first.get<unknown[]>(`/api/chats/${chatId}/notes`)).body).toHaveLength(1);
      expect((await first.messages(chatId)).map(({ text }) => text)).not.toContain('Knows what he wants.');
    });

    it('counts what nobody has read, and forgets it when the holder has', async () => {
      const customer = await desk.waiting();
      const { chatId } = customer;
      await customer.say('one');
      await customer.say('two');
      expect((await senior.chat(chatId)).unread_count).toBe(3);
      await senior.messages(chatId);
      expect((await senior.chat(chatId)).unread_count).toBe(3);
      await first.move(chatId, 'take');
      const [asked, ...rest] = (await first.messages(chatId)).filter(({ author_type }) => author_type === 'user');
      expect(asked).toMatchObject({ is_read: true, text: 'talk to a human' });
      expect(rest).toHaveLength(2);
      expect((await first.chat(chatId)).unread_count).toBe(0);
      await customer.say('three');
      expect((await first.chat(chatId)).unread_count).toBe(1);
      expect((await first.move(chatId, 'read')).body.unread_count).toBe(0);
    });

    it('is found by names, words, states and marks, page by page', async () => {
      const customer = await desk.customer({ firstName: 'Wolfgang' });
      await customer.say('My zeppelin is late. I want an operator');
      const found = async (query: string) => (await senior.chats(query)).map(({ id }) => id);
      expect(await found('?search=wolfg')).toEqual([customer.chatId]);
      expect(await found('?search=ZEPPELIN')).toEqual([customer.chatId]);
      expect(await found('?search=100%25')).toEqual([]);
      expect(await found('?status=closed,in_progress&search=wolfgang')).toEqual([]);
      expect(await found('?status=waiting,closed&search=wolfgang&priority=medium&source=telegram')).toHaveLength(1);
      expect(await found('?source=website&search=wolfgang')).toEqual([]);
      const filter = await senior.post<ChatResponse[]>('/api/chats', {
        status: 'waiting',
        search: 'Wolfgang',
        extra: 1,
      });
      expect(filter.status).toBe(200);
      expect(filter.body.map(({ id }) => id)).toEqual([customer.chatId]);
      const all = await found('?limit=100');
      expect([...(await found('?limit=3&page=1')), ...(await found('?limit=3&page=2'))]).toEqual(all.slice(0, 6));
      expect((await senior.get('/api/chats?status=sleeping')).status).toBe(400);
    });

    it('with the assistant is for seniors alone', async () => {
      const customer = await desk.customer();
      await customer.say('just a question');
      expect((await first.get(`/api/chats/${customer.chatId}`)).status).toBe(404);
      expect((await first.move(customer.chatId, 'take')).status).toBe(404);
      expect((await first.chats('?status=bot')).length).toBe(0);
      expect((await senior.chats('?status=bot')).map(({ id }) => id)).toContain(customer.chatId);
      expect((await senior.move(customer.chatId, 'take')).body.status).toBe('in_progress');
    });
  });

  it('keeps canned replies', async () => {
    const made = await first.post<{ id: string }>('/api/canned-replies', {
      title: 'Hi',
      text: 'Hello!',
      shortcut: '/hi',
    });
    expect(made.status).toBe(201);
    const twin = await second.post<Refusal>('/api/canned-replies', { title: 'Hi', text: 'Hey!', shortcut: '/hi' });
    expect([twin.status, twin.body.code]).toEqual([409, 'SHORTCUT_TAKEN']);
    const path = `/api/canned-replies/${made.body.id}`;
    expect((await second.patch(path, { text: 'Hello there!' })).body).toMatchObject({
      title: 'Hi',
      text: 'Hello there!',
    });
    expect((await first.get<unknown[]>('/api/canned-replies')).body).toHaveLength(1);
    expect((await first.delete(path)).status).toBe(204);
    expect((await first.get(path)).status).toBe(404);
  });
});
