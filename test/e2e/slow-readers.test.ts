import { request, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { conversationRoom } from '../../src/gateway/contract/room-names.js';
import { serverEvent } from '../../src/gateway/contract/server-events.js';
import { LiveHub } from '../../src/gateway/delivery/live-hub.js';
import type { MessageResponse } from '../../src/messages/dto/message.response.dto.js';
import { TestApp } from '../support/app.js';
import type { ChatClient } from '../support/chat-client.js';
import { eventually } from '../support/eventually.js';
import type { Person } from '../support/person.js';
import { PlainClient } from '../support/plain-client.js';
import { ScriptedOpenAi } from '../support/scripted-openai.js';

const MEBIBYTE = 1024 * 1024;
const PIECE = 'x'.repeat(1024);
/** More than the kernel keeps for a connection on loopback. */
const FLOOD = 40 * 1024;

interface Transport {
  ws: { _socket: Socket };
}
const rawSocket = (client: ChatClient): Socket =>
  (client.socket.io.engine.transport as unknown as Transport).ws._socket;

describe('a reader that does not keep up', () => {
  let app: TestApp;
  let person: Person;
  const closers: (() => void | Promise<void>)[] = [];

  beforeAll(async () => {
    app = await TestApp.start();
    person = await app.person();
  });

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    person.closeSockets();
    await eventually(() => app.get(LiveHub).size() === 0);
  });

  afterAll(() => app.close());

  /** Tells 40 MiB of changes in a session, a little at a time as a model would; returns how much the process grew at the most. */
  async function flood(sessionId: string): Promise<number> {
    const hub = app.get(LiveHub);
    const before = process.memoryUsage.rss();
    let most = 0;
    for (let count = 0; count < FLOOD; count++) {
      // Live text is joined for a reader that is behind and costs nothing; other events are not.
      const event = serverEvent('message:update', { id: String(count), content: PIECE } as MessageResponse);
      hub.publish(conversationRoom(sessionId), event);
      if (count % 64 === 0) {
        await new Promise((resolve) => setImmediate(resolve));
        most = Math.max(most, process.memoryUsage.rss() - before);
      }
    }
    return most;
  }

  it('is closed on Socket.IO, costs others nothing, and misses nothing when it comes back', async () => {
    const sessionId = await person.session();
    const [slow, good] = [await person.socket(), await person.socket()];
    for (const client of [slow, good]) await client.command('join', { sessionId });
    const paused = rawSocket(slow);
    paused.pause();
    const grown = await flood(sessionId);
    await eventually(() => app.get(LiveHub).size() === 1);
    const noted = await person.post<MessageResponse>('/messages', {
      sessionId,
      role: 'assistant',
      content: 'after the flood',
    });
    await good.event('message:new', (it) => it['id'] === noted.body.id);
    expect(good.all('message:update')).toHaveLength(FLOOD);
    paused.resume();
    await slow.event('disconnect');
    expect(slow.all('message:new')).toEqual([]);
    const again = await person.socket();
    expect(await again.command('join', { sessionId, since: 0 })).toMatchObject({ messages: [{ id: noted.body.id }] });
    console.info(
      `a paused Socket.IO reader of 40 MiB: closed, the process grew by ${Math.round(grown / MEBIBYTE)} MiB at the most, the other reader got all of it`,
    );
    person.closeSockets();
  });

  it('is closed on SSE and comes back with its cursor', async () => {
    const sessionId = await person.session();
    const before = app.get(LiveHub).size();
    const stream = request(`${app.url}/sse/sessions/${sessionId}/stream`, {
      headers: { authorization: `Bearer ${person.token}` },
      agent: false,
    });
    const closed = new Promise<void>((resolve) => stream.on('close', () => resolve()));
    stream.on('error', () => undefined);
    const response = await new Promise<IncomingMessage>((resolve) => stream.on('response', resolve).end());
    response.on('error', () => undefined);
    response.pause();
    await eventually(() => app.get(LiveHub).size() === before + 1);
    await flood(sessionId);
    await eventually(() => app.get(LiveHub).size() === before);
    response.resume();
    await closed;
    const noted = await person.post<MessageResponse>('/messages', {
      sessionId,
      role: 'assistant',
      content: 'after the flood',
    });
    const again = await fetch(`${app.url}/sse/sessions/${sessionId}/stream?since=0`, {
      headers: { authorization: `Bearer ${person.token}` },
    });
    const reader = again.body!.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toContain(noted.body.id);
    await reader.cancel();
  });

  it('is closed on the plain WebSocket when it talks without listening, and finds its answer when it comes back', async () => {
    const model = await ScriptedOpenAi.start();
    closers.push(() => model.stop());
    const own = await TestApp.start({ OPENAI_BASE_URL: model.baseUrl });
    closers.push(() => own.close());
    const words = Array.from({ length: 1_000 }, (_, index) => `word${index} `);
    model.script({ deltas: words, everyMs: 2 });
    const asker = await own.person();
    const path = `/?token=${asker.token}&sessionId=${await asker.session()}`;
    const slow = await PlainClient.connect(own.url, path);
    const question = { type: 'message', content: 'are you there?', clientMessageId: 'question' };
    slow.send(question);
    await slow.until(() => slow.frames.length > 0);
    const paused = (slow.socket as unknown as { _socket: Socket })._socket;
    paused.pause();
    const before = process.memoryUsage.rss();
    let frames = 0;
    for (; own.get(LiveHub).size() > 0; frames++) {
      slow.send('no JSON');
      if (frames % 256 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const grown = Math.round((process.memoryUsage.rss() - before) / MEBIBYTE);
    paused.resume();
    await slow.over();
    expect(slow.frames.length).toBeLessThan(frames);
    const back = await PlainClient.connect(own.url, path);
    closers.push(() => back.close());
    expect(await back.ask(question)).toEqual({ text: words.join(''), end: { type: 'done' } });
    expect(model.calls).toHaveLength(1);
    console.info(`a plain reader that only talks: closed after ${frames} frames, this process grew by ${grown} MiB`);
  });
});
