import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApp } from '../support/app.js';

describe('an answer', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });

  afterAll(() => app.close());

  it('streams to the socket that asked and is stored', async () => {
    const person = await app.person();
    const sessionId = await person.session();
    const socket = await person.socket();
    expect(await socket.command('join', { sessionId })).toMatchObject({ ok: true, head: 0, messages: [] });
    const ack = await socket.command('message:send', { sessionId, content: 'hello there' });
    expect(ack).toMatchObject({ ok: true, message: { role: 'user', seq: 1, content: 'hello there' } });
    const done = await socket.event('message:done');
    expect(done).toMatchObject({ sessionId, status: 'complete' });
    const [question, answer] = await person.messages(sessionId);
    expect(question).toMatchObject({ role: 'user', seq: 1 });
    expect(answer).toMatchObject({
      role: 'assistant',
      seq: 2,
      changeSeq: 3,
      status: 'complete',
      id: done['messageId'],
    });
    const joined = socket
      .all('message:stream')
      .reduce((text, event) => text.slice(0, event['offset'] as number) + (event['delta'] as string), '');
    expect(joined).toBe(answer?.content);
    person.closeSockets();
  });
});
