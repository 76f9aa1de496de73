import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { EscalationResponse } from '../../src/operators/dto/desk.dto.js';
import { Desk, type DeskClient, type DeskCustomer, type Refusal } from '../support/desk.js';
import { eventually } from '../support/eventually.js';
import { ScriptedOpenAi, type Step } from '../support/scripted-openai.js';

const chunk = (choice: object) =>
  `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', choices: [{ index: 0, ...choice }] })}\n\n`;

/** What a model says when it calls the tool, its arguments cut into pieces. */
const calling = (args: string, text = ''): Step => ({
  raw: [
    ...(text === '' ? [] : [chunk({ delta: { content: text } })]),
    chunk({
      delta: {
        tool_calls: [
          { index: 0, id: 'c1', type: 'function', function: { name: 'escalate_to_operator', arguments: '' } },
        ],
      },
    }),
    ...(args.match(/.{1,7}/gsu) ?? []).map((piece) =>
      chunk({ delta: { tool_calls: [{ index: 0, function: { arguments: piece } }] } }),
    ),
    chunk({ delta: {}, finish_reason: 'tool_calls' }),
    'data: [DONE]\n\n',
  ],
});

const ENDLESS: Step = { deltas: Array.from({ length: 2000 }, (_, place) => `word${place} `), everyMs: 5 };

describe('the assistant and the people at the desk', () => {
  let model: ScriptedOpenAi;
  let desk: Desk;
  let senior: DeskClient;
  let operator: DeskClient;

  beforeAll(async () => {
    model = await ScriptedOpenAi.start();
    desk = await Desk.start({ OPENAI_BASE_URL: model.baseUrl });
    [senior, operator] = [await desk.operator('senior_operator'), await desk.operator()] as const;
  });
  beforeEach(() => model.script({ deltas: ['Hello', ' there'] }));
  afterAll(async () => {
    await desk.close();
    await model.stop();
  });

  const answersIn = async (chatId: string) =>
    (await senior.messages(chatId)).filter(({ metadata }) => metadata['role'] === 'assistant');
  const answered = (customer: DeskCustomer, count = 1) =>
    eventually(async () => {
      const done = (await answersIn(customer.chatId)).filter(({ metadata }) => metadata['status'] === 'complete');
      return done.length >= count ? done : null;
    });
  const streaming = (customer: DeskCustomer) =>
    eventually(async () => (await answersIn(customer.chatId)).find(({ text }) => text.length > 20));

  it('answers a customer of Telegram', async () => {
    const customer = await desk.customer();
    await customer.say('Hi');
    expect((await answered(customer))[0]).toMatchObject({ text: 'Hello there', author_type: 'bot' });
  });

  it('gives one answer to a burst, which knows all that was said', async () => {
    model.script(ENDLESS);
    const customer = await desk.customer();
    for (let place = 1; place <= 5; place++) {
      await customer.say(`part ${place}`);
      await eventually(() => model.calls.length >= place);
    }
    model.script({ deltas: ['To', ' all'] });
    await customer.say('part 6');
    const [answer] = await answered(customer);
    expect(answer?.text).toBe('To all');
    const turns = model.calls.at(-1)?.body['messages'] as { role: string; content: string }[];
    expect(turns.filter(({ role }) => role === 'user').map(({ content }) => content)).toEqual(
      [1, 2, 3, 4, 5, 6].map((place) => `part ${place}`),
    );
    expect((await answered(customer)).length).toBe(1);
  });

  it('starts no answer while a human is waited for or there, and answers again once it is given back', async () => {
    const customer = await desk.waiting();
    await customer.say('anybody?');
    await operator.move(customer.chatId, 'take');
    await customer.say('hello?');
    await operator.reply(customer.chatId, 'Yes, here.');
    expect(model.calls).toHaveLength(0);
    await customer.say('What is your name?');
    await operator.move(customer.chatId, 'return');
    await answered(customer);
    expect(model.calls).toHaveLength(1);
    await customer.say('And yours?');
    await answered(customer, 2);
  });

  it('says nothing after a human took the chat: the call is aborted, the text so far stays', async () => {
    model.script(ENDLESS);
    const customer = await desk.customer();
    await customer.say('Tell me a long story');
    await streaming(customer);
    expect((await senior.move(customer.chatId, 'take')).status).toBe(200);
    const before = await answersIn(customer.chatId);
    expect(before[0]?.metadata['status']).toBe('stopped');
    expect(before[0]?.text.length).toBeGreaterThan(20);
    expect(await model.calls[0]?.closed).toMatchObject({ byClient: true });
    expect(await answersIn(customer.chatId)).toEqual(before);
  });

  it('is heard to its end by a customer who only clicked for a human', async () => {
    model.script({ deltas: Array.from({ length: 20 }, () => 'well '), everyMs: 10 });
    const person = await desk.app.person();
    const session = await person.session();
    await person.post('/messages', { sessionId: session, role: 'user', content: 'Hm?' });
    await eventually(() => model.calls.length === 1);
    await person.post(`/sessions/${session}/escalate`, {});
    const answer = await eventually(async () =>
      (await person.messages(session)).find(({ role, status }) => role === 'assistant' && status === 'complete'),
    );
    expect(answer.content).toBe('well '.repeat(20));
  });

  it('calls a human by its tool, with reason, priority and a summary as the first note', async () => {
    const args = { reason: 'refund', priority: 'high', summary: 'Paid twice and wants the money back. 😀' };
    model.script(calling(JSON.stringify(args), 'Let me call somebody.'));
    const customer = await desk.customer();
    await customer.say('I paid twice!');
    const chat = await eventually(async () =>
      (await operator.chats('?status=waiting')).find(({ id }) => id === customer.chatId),
    );
    expect(chat).toMatchObject({ priority: 'high', escalation_reason: 'refund' });
    const tools = model.calls[0]?.body['tools'] as { function: { name: string } }[];
    expect(tools.map((tool) => tool.function.name)).toEqual(['escalate_to_operator']);
    const notes = await operator.get<{ text: string; author_id: null }[]>(`/api/chats/${customer.chatId}/notes`);
    expect(notes.body).toMatchObject([{ text: args.summary, author_id: null }]);
    const texts = (await operator.messages(customer.chatId)).map(({ text }) => text);
    expect(texts).toEqual([
      'I paid twice!',
      'Let me call somebody.',
      expect.stringMatching(/An operator has been called/),
    ]);
    await customer.say('Still there?');
    expect(model.calls).toHaveLength(1);
  });

  it('says a word of its own when the model only called the tool, whatever it wrote as arguments', async () => {
    model.script(calling('{"reason": 7, "chat_id": "00000000-0000-7000-8000-000000000000"'));
    const customer = await desk.customer();
    await customer.say('Позови кого-нибудь');
    await eventually(async () => (await operator.chats('?status=waiting')).find(({ id }) => id === customer.chatId));
    const [answer] = await answered(customer);
    expect(answer?.text).toMatch(/оператор/);
  });

  it('is not asked when the owner of a session asks for a human', async () => {
    const person = await desk.app.person();
    const session = await person.session();
    const sent = await person.post('/messages', { sessionId: session, role: 'user', content: 'I need a human' });
    expect(sent.status).toBe(201);
    const chat = await operator.chat(session);
    expect(chat).toMatchObject({ status: 'waiting', source: 'website', user_id: person.id, unread_count: 1 });
    await operator.move(session, 'take');
    await operator.reply(session, 'Here I am.');
    const seen = await person.messages(session);
    expect(seen.map(({ role }) => role)).toEqual(['user', 'system', 'operator']);
    expect(model.calls).toHaveLength(0);
    const refused = await person.post<Refusal>(`/messages/${seen[2]?.id}/regenerate`);
    expect(refused.body.code).toBe('NOTHING_TO_REGENERATE');
  });

  it('keeps nobody waiting on any door for an answer that does not come', async () => {
    const person = await desk.app.person();
    const sessionId = await person.session();
    const asked = await person.post<string>('/messages/stream', { sessionId, prompt: 'I want a human' });
    const [delta, done] = asked.body
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect([delta, done]).toEqual([
      { delta: expect.stringMatching(/An operator has been called/) },
      { done: true, messageId: expect.any(String), status: 'complete' },
    ]);
    const again = await person.post<string>('/messages/stream', { sessionId, prompt: 'Hello?' });
    expect(JSON.parse(again.body)).toEqual({ done: true, messageId: null, status: 'complete' });
    const streamed = await person.get<string>(`/sse/sessions/${sessionId}/stream?prompt=Anybody`);
    expect(streamed.body).toContain('event: message:new');
    const v1 = await person.get<string>(`/api/v1/stream/chat/${sessionId}?message=Hm`);
    expect(v1.body).toContain('"type":"complete"');
    const plain = new WebSocket(`${desk.app.url.replace('http', 'ws')}/?token=${person.token}`);
    const frames: unknown[] = [];
    const over = new Promise<void>((resolve) => {
      plain.addEventListener('message', ({ data }) => {
        frames.push(JSON.parse(String(data)));
        if (String(data).includes('done')) resolve();
      });
    });
    await new Promise((resolve) => plain.addEventListener('open', resolve));
    plain.send(JSON.stringify({ type: 'message', content: 'talk to a human' }));
    await over;
    plain.close();
    // The person waits in the first session already, so the assistant answers in this one.
    expect(frames.at(-1)).toEqual({ type: 'done' });
  });

  it('makes no answer anew where a human answers', async () => {
    const person = await desk.app.person();
    const session = await person.session();
    await person.post('/messages/stream', { sessionId: session, prompt: 'Hi' });
    await person.post(`/sessions/${session}/escalate`, { reason: 'no use' });
    const answer = (await person.messages(session)).find(({ role }) => role === 'assistant');
    const refused = await person.post<Refusal>(`/messages/${answer?.id}/regenerate`);
    expect([refused.status, refused.body.code]).toEqual([409, 'ASSISTANT_SILENCED']);
  });

  it('lets a person be in one open chat, whatever the burst and wherever it is asked', async () => {
    const person = await desk.app.person();
    const sessions = await Promise.all([1, 2, 3].map(() => person.session()));
    const calls = await Promise.all(
      Array.from({ length: 30 }, (_, place) =>
        person.post<EscalationResponse>(`/sessions/${sessions[place % 3]}/escalate`, { reason: 'help' }),
      ),
    );
    expect(new Set(calls.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(calls.map(({ body }) => body.chatId)).size).toBe(1);
    const { chatId } = calls[0]?.body as EscalationResponse;
    const audit = await desk.admin.get<unknown[]>(`/api/audit?actor_id=${person.id}&action=chat.escalated`);
    expect(audit.body).toHaveLength(1);
    expect((await person.messages(chatId)).filter(({ role }) => role === 'system')).toHaveLength(1);
    const other = await desk.app.person();
    expect((await other.post(`/sessions/${chatId}/escalate`)).status).toBe(404);
  });

  it('drafts a reply out of the conversation, and sends nothing', async () => {
    const customer = await desk.waiting();
    await customer.say('My order 4711 is late');
    await operator.move(customer.chatId, 'take');
    const before = await operator.messages(customer.chatId);
    model.script({ deltas: ['I am sorry', ' about 4711.'] });
    const draft = await operator.move<{ text: string; based_on_seq: number }>(customer.chatId, 'draft');
    expect(draft).toMatchObject({
      status: 200,
      body: { text: 'I am sorry about 4711.', based_on_seq: before.at(-1)?.seq },
    });
    expect(JSON.stringify(model.calls[0]?.body)).toContain('My order 4711 is late');
    expect(model.calls[0]?.body['tools']).toBeUndefined();
    expect(await operator.messages(customer.chatId)).toEqual(before);
    const stranger = await desk.operator();
    expect((await stranger.move(customer.chatId, 'draft')).status).toBe(404);
  });
});
