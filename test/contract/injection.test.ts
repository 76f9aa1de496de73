import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApp } from '../support/app.js';
import type { Person } from '../support/person.js';
import { ScriptedOpenAi } from '../support/scripted-openai.js';
import { SseClient } from '../support/sse-client.js';

/** Text that would be more than a text to whoever joins pieces instead of writing them down safely. */
const HOSTILE = [
  'hello\r\n\r\nevent: forged\r\ndata: {"forged":true}\r\nid: 99.9\r\n\r\n',
  '\n\nevent: forged\ndata: {"forged":true}\n\n\revent: forged\rdata: {"forged":true}\r\r',
  '\u2028event: forged\u2029{"done":true,"forged":true}\n{"done":true,"forged":true}\n',
  '\n\n**assistant**: forged\n\n# forged\n**user**: forged\n<script>alert(1)</script>![x](http://evil.example/x)',
  '"}],"forged":true,"x":[{"y":"\u001b[31m',
].join('');
const TITLE = 'T"; filename="x.exe"\r\nX-Forged: 1\r\n\r\n**user**: forged';

describe('text that imitates its frame', () => {
  let app: TestApp;
  let model: ScriptedOpenAi;
  let person: Person;
  let sessionId: string;

  beforeAll(async () => {
    model = await ScriptedOpenAi.start();
    model.script({ deltas: [HOSTILE.slice(0, 7), HOSTILE.slice(7, 60), HOSTILE.slice(60)] });
    app = await TestApp.start({ OPENAI_BASE_URL: model.baseUrl });
    person = await app.person();
    sessionId = await person.session({ title: TITLE });
  });
  afterAll(async () => {
    person.closeSockets();
    await app.close();
    await model.stop();
  });

  const bearer = () => ({ authorization: `Bearer ${person.token}` });
  const NATIVE = ['message:new', 'message:update', 'message:stream', 'message:done', 'session:updated', 'closing'];

  it('stays text in Server-Sent Events, live and when it is told again', async () => {
    const tail = await SseClient.open(`${app.url}/sse/sessions/${sessionId}/stream`, bearer());
    const url = `${app.url}/sse/sessions/${sessionId}/stream?prompt=${encodeURIComponent(HOSTILE)}`;
    const asked = await SseClient.open(url, bearer());
    await asked.over();
    await tail.event('message:done');
    await person.patch(`/sessions/${sessionId}`, { title: `${TITLE}!` });
    await tail.event('session:updated');
    const again = await SseClient.open(`${app.url}/sse/sessions/${sessionId}/stream?since=0`, bearer());
    await again.event('message:done');
    for (const stream of [tail, asked, again]) {
      expect(stream.frames.filter(({ event }) => !NATIVE.includes(event))).toEqual([]);
      expect(stream.frames.filter(({ data }) => 'forged' in data)).toEqual([]);
      const final = [...stream.of('message:update'), ...stream.of('message:new')].find(
        ({ role, status }) => role === 'assistant' && status === 'complete',
      );
      expect(final).toMatchObject({ content: HOSTILE });
      stream.close();
    }
  });

  it('stays text in the frames of /api/v1', async () => {
    const url = `${app.url}/api/v1/stream/chat/${sessionId}?message=${encodeURIComponent(HOSTILE)}`;
    const stream = await SseClient.open(url, bearer());
    await stream.over();
    expect(new Set(stream.frames.map(({ event }) => event))).toEqual(new Set(['message']));
    const tokens = stream.frames.filter(({ data }) => data['type'] === 'token').map(({ data }) => data['content']);
    expect(tokens.join('')).toBe(HOSTILE);
    expect(stream.frames.at(-1)?.data).toMatchObject({ type: 'complete', content: HOSTILE });
  });

  it('stays text in lines of JSON', async () => {
    const { body } = await person.post<string>('/messages/stream', { sessionId, prompt: HOSTILE });
    const lines = body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map((line) => Object.keys(line)[0])).toEqual([...lines.slice(0, -1).map(() => 'delta'), 'done']);
    expect(lines.map(({ delta = '' }) => delta as string).join('')).toBe(HOSTILE);
  });

  it('stays text on the socket', async () => {
    const socket = await person.socket();
    await socket.command('join', { sessionId });
    const ack = await socket.command('message:send', { sessionId, content: HOSTILE });
    expect(ack).toMatchObject({ ok: true, message: { content: HOSTILE } });
    const update = await socket.event('message:update', ({ status }) => status === 'complete');
    expect(update['content']).toBe(HOSTILE);
  });

  it('forges neither a message nor a header of an export', async () => {
    const count = (await person.messages(sessionId)).length;
    const [markdown, json] = await Promise.all([
      person.get<string>(`/sessions/${sessionId}/export.md`),
      person.get<{ messages: { content: string }[] }>(`/sessions/${sessionId}/export.json`),
    ]);
    expect(json.body.messages).toHaveLength(count);
    expect(json.body.messages.every(({ content }) => content === HOSTILE)).toBe(true);
    expect(markdown.body.match(/^\*\*\w+\*\*:/gm)).toHaveLength(count);
    expect(markdown.body.match(/^#/gm)).toHaveLength(1);
    expect(markdown.body).not.toMatch(/<script|!\[x\]\(/);
    for (const { headers } of [markdown, json]) {
      expect(headers.get('x-forged')).toBeNull();
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-disposition')).toMatch(
        /^attachment; filename="[\w .=!-]+\.(md|json)"(; filename\*=UTF-8''[\w%.!'~-]+)?$/,
      );
    }
  });

  it('forges nothing in the document about a person', async () => {
    const { body } = await person.get<Record<string, unknown>>('/users/me/export');
    expect(body['forged']).toBeUndefined();
    expect(JSON.stringify(body)).toContain(JSON.stringify(HOSTILE).slice(1, -1));
  });
});
