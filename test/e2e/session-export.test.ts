import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { newId } from '../../src/common/ids.js';
import type { MessageRecord } from '../../src/events/domain-events.js';
import type { MessageResponse } from '../../src/messages/dto/message.response.dto.js';
import { SessionExportRepository } from '../../src/messages/session-export.repository.js';
import { PrismaService } from '../../src/prisma/prisma.service.js';
import { TestApp } from '../support/app.js';
import type { Person } from '../support/person.js';

interface Document {
  session: { id: string };
  messages: MessageResponse[];
}

describe('exports of a session', () => {
  let server: TestApp;
  let ann: Person;

  beforeAll(async () => {
    server = await TestApp.start();
    ann = await server.person();
  });

  afterEach(() => void jest.restoreAllMocks());
  afterAll(() => server.close());

  /** Stores messages as they are, without an assistant that answers. */
  async function said(sessionId: string, ...messages: [role: 'user' | 'assistant', content: string][]): Promise<void> {
    const prisma = server.get(PrismaService);
    for (const [role, content] of messages) {
      const { head } = await prisma.conversation.update({
        where: { id: sessionId },
        data: { head: { increment: 1 } },
        select: { head: true },
      });
      await prisma.message.create({
        data: { id: newId(), conversationId: sessionId, seq: head, changeSeq: head, role, content },
      });
    }
  }

  async function exported(title: string | null, ...messages: [role: 'user' | 'assistant', content: string][]) {
    const id = await ann.session(title === null ? {} : { title });
    await said(id, ...messages);
    return { id, ...(await ann.get<string>(`/sessions/${id}/export.md`)) };
  }

  it('gives the session and all its messages as the other routes show them', async () => {
    const id = await ann.session({ title: 'Trip' });
    await said(id, ['user', 'Where to? 😀'], ['assistant', 'To\nthe "sea".']);
    const answer = await ann.get<Document>(`/sessions/${id}/export.json`);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      session: (await ann.get(`/sessions/${id}`)).body,
      messages: await ann.messages(id),
    });
    expect(answer.body.messages).toHaveLength(2);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'content-disposition': `attachment; filename="Trip.json"; filename*=UTF-8''Trip.json`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
  });

  it('gives an empty session', async () => {
    const id = await ann.session();
    expect((await ann.get(`/sessions/${id}/export.json`)).body).toMatchObject({ session: { id }, messages: [] });
    expect((await ann.get(`/sessions/${id}/export.md`)).body).toBe('# Untitled (model: echo)\n');
  });

  it('writes a heading and one block a message', async () => {
    const { body, headers } = await exported('Trip', ['user', 'Hi'], ['assistant', 'Hello\n\n- a\n- b']);
    expect(body).toBe('# Trip (model: echo)\n\n**user**: Hi\n\n**assistant**: Hello\n>\n> - a\n> - b\n');
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/markdown; charset=utf-8',
      'content-disposition': `attachment; filename="Trip.md"; filename*=UTF-8''Trip.md`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
  });

  it.each([
    '**assistant**: I am the assistant',
    'x\n**assistant**: I am the assistant',
    'x\n\n**assistant**: I am the assistant\n\n# Title (model: other)',
    'x\r**system**: a',
    'x\u2028**system**: a',
    'x\u0085# Title (model: other)',
    '```\nx\n```\n**user**: y',
    '```\n\n**user**: y\n\n# Title',
    '\n# Title (model: other)\n===',
    '> **user**: y\n# Title',
    '<div>\n\n**user**: y\n\n</div>',
    '[a]: http://x\n**user**: y',
  ])('cannot be talked into another block by %j', async (text) => {
    const { body } = await exported('Real', ['user', text], ['assistant', 'Real answer']);
    const own = body.split(/[\n\r\v\f\u0085\u2028\u2029]/).filter((line) => line !== '' && !line.startsWith('>'));
    expect(own).toHaveLength(3);
    expect(own[0]).toBe('# Real (model: echo)');
    expect(own[1]).toMatch(/^\*\*user\*\*:/);
    expect(own[2]).toBe('**assistant**: Real answer');
  });

  it.each(['A\n\n**user**: x', 'A\r\nX-Evil: 1', 'A"; filename="x.exe', '# A (model: other)\u2028# B'])(
    'keeps the title %j in its line and in its header',
    async (title) => {
      const { status, headers, body } = await exported(title, ['user', 'x']);
      expect(status).toBe(200);
      expect(body.split('\n')).toHaveLength(4);
      expect(body.split('\n')[0]).toMatch(/^# .* \(model: echo\)$/);
      expect(headers.get('x-evil')).toBeNull();
      expect(headers.get('content-disposition')?.match(/filename="/g)).toHaveLength(1);
    },
  );

  it('leaves deleted messages out of the Markdown and keeps their places in the JSON', async () => {
    const id = await ann.session({ title: 'T' });
    await said(id, ['assistant', 'first'], ['assistant', 'second']);
    const [first] = await ann.messages(id);
    await ann.delete(`/messages/${first?.id}`);
    expect((await ann.get(`/sessions/${id}/export.md`)).body).toBe('# T (model: echo)\n\n**assistant**: second\n');
    const { messages } = (await ann.get<Document>(`/sessions/${id}/export.json`)).body;
    expect(messages.map(({ seq, content }) => [seq, content])).toEqual([
      [1, ''],
      [2, 'second'],
    ]);
  });

  describe('of a session with 100 000 messages', () => {
    const COUNT = 100_000;
    let id: string;

    beforeAll(async () => {
      id = await ann.session({ title: 'Long' });
      const prisma = server.get(PrismaService);
      const PART = 10_000;
      for (let from = 1; from <= COUNT; from += PART)
        await prisma.$executeRaw`
          INSERT INTO messages (id, conversation_id, seq, change_seq, role, content)
          SELECT gen_random_uuid(), ${id}::uuid, n, n, 'assistant', repeat('x', 500)
          FROM generate_series(${from}::int, ${from + PART - 1}::int) n`;
      await prisma.conversation.update({ where: { id }, data: { head: COUNT } });
    });

    /** Counts the pages that are read, and tells when the reading ends. */
    function watchReading(sabotage: (pages: number) => void = () => undefined) {
      const repository = server.get(SessionExportRepository);
      const read = repository.pages.bind(repository);
      let told: () => void;
      const watch = { pages: 0, ended: new Promise<void>((resolve) => (told = resolve)) };
      jest.spyOn(repository, 'pages').mockImplementation(async function* (conversationId): AsyncGenerator<
        MessageRecord[]
      > {
        try {
          for await (const page of read(conversationId)) {
            sabotage(++watch.pages);
            yield page;
          }
        } finally {
          told();
        }
      });
      return watch;
    }

    async function open(): Promise<IncomingMessage> {
      const url = `${server.url}/sessions/${id}/export.json`;
      const [response] = (await once(
        request(url, { agent: false, headers: { authorization: `Bearer ${ann.token}` } }).end(),
        'response',
      )) as [IncomingMessage];
      return response;
    }

    it('waits for a slow reader instead of piling up, and then gives every message', async () => {
      const watch = watchReading();
      const response = await open();
      for (let other = 0; other < 20; other++) await ann.get(`/sessions/${id}`);
      const readMeanwhile = watch.pages;
      expect(readMeanwhile).toBeLessThan(200);
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      const { messages } = JSON.parse(Buffer.concat(chunks).toString()) as Document;
      expect(messages).toHaveLength(COUNT);
      expect(messages.every(({ seq }, index) => seq === index + 1)).toBe(true);
      expect(watch.pages).toBe(500);
    });

    it('stops reading when the reader goes', async () => {
      const watch = watchReading();
      (await open()).destroy();
      await watch.ended;
      expect(watch.pages).toBeLessThan(200);
    });

    it('cuts the connection when it breaks off, so that a part does not pass for the whole', async () => {
      watchReading((pages) => {
        if (pages === 3) throw new Error('the database went away');
      });
      const response = await open();
      await expect(
        (async () => {
          for await (const _ of response);
        })(),
      ).rejects.toThrow('aborted');
    });

    it('tells a failure before the first message like every other one', async () => {
      watchReading(() => {
        throw Object.assign(new Error('Connection terminated'), { name: 'DatabaseError' });
      });
      const answer = await ann.get(`/sessions/${id}/export.md`);
      expect([answer.status, answer.body['code']]).toEqual([503, 'DATABASE_UNAVAILABLE']);
      expect(answer.headers.get('content-disposition')).toBeNull();
    });
  });
});
