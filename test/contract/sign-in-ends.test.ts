import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApp } from '../support/app.js';
import { ChatClient } from '../support/chat-client.js';
import { Rest, type Person } from '../support/person.js';
import { SseClient } from '../support/sse-client.js';
import { Stopwatch } from '../support/stopwatch.js';

const ADMIN = { email: 'admin@example.com', password: 'a long password of admin' };
const PROMPTLY_MS = 1_000;

interface Live {
  socket: ChatClient;
  stream: SseClient;
}

describe('the end of a sign-in', () => {
  let app: TestApp;
  const open: { close: () => void }[] = [];

  beforeAll(async () => {
    app = await TestApp.start({ ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password });
  });
  afterEach(() => open.splice(0).forEach((connection) => connection.close()));
  afterAll(() => app.close());

  const again = async ({ email, password }: { email: string; password: string }): Promise<string> => {
    const { body } = await new Rest(app.url).post<{ accessToken: string }>('/auth/login', { email, password });
    return body.accessToken;
  };

  async function live(person: Person, token = person.token ?? ''): Promise<Live> {
    const sessionId = await person.session();
    const socket = await ChatClient.connect(app.url, token);
    const stream = await SseClient.open(`${app.url}/sse/sessions/${sessionId}/stream`, {
      authorization: `Bearer ${token}`,
    });
    open.push(socket, stream);
    expect(stream.status).toBe(200);
    expect(await socket.command('join', { sessionId })).toMatchObject({ ok: true });
    return { socket, stream };
  }

  /** Both wires say why and are closed within a second from now. */
  async function expectEnd({ socket, stream }: Live, reason: string): Promise<void> {
    const watch = new Stopwatch();
    await socket.event('disconnect');
    await stream.over();
    expect(watch.ms()).toBeLessThan(PROMPTLY_MS);
    expect(socket.all('closing')).toEqual([{ reason, message: expect.any(String) }]);
    expect(stream.frames.at(-1)).toMatchObject({ event: 'closing', data: { reason } });
  }

  async function expectOpen({ socket, stream }: Live): Promise<void> {
    expect(await socket.command('sync', { conversationId: crypto.randomUUID(), since: 0 })).toMatchObject({
      ok: false,
    });
    expect(stream.of('closing')).toEqual([]);
  }

  async function expectRefused(token: string, code: string): Promise<void> {
    const sessions = await new Rest(app.url, token).get('/sessions');
    expect([sessions.status, sessions.body['code']]).toEqual([401, code]);
    await expect(ChatClient.connect(app.url, token)).rejects.toMatchObject({ data: { code } });
    const stream = await SseClient.open(`${app.url}/sse/sessions/${crypto.randomUUID()}/stream`, {
      authorization: `Bearer ${token}`,
    });
    expect(stream.status).toBe(401);
  }

  it('everywhere closes every live connection of the person within a second, and of nobody else', async () => {
    const [person, other] = await Promise.all([app.person(), app.person()]);
    const tokens = [person.token ?? '', await again(person)];
    const [first, second] = await Promise.all(tokens.map((token) => live(person, token)));
    const foreign = await live(other);
    expect((await person.post('/auth/logout?all=true')).status).toBe(204);
    await Promise.all([expectEnd(first as Live, 'signed_out'), expectEnd(second as Live, 'signed_out')]);
    await expectOpen(foreign);
    for (const token of tokens) await expectRefused(token, 'SIGN_IN_REVOKED');
  });

  it('here closes what this sign-in opened and leaves the other devices alone', async () => {
    const person = await app.person();
    const elsewhere = await again(person);
    const [here, there] = await Promise.all([live(person), live(person, elsewhere)]);
    expect((await person.post('/auth/logout')).status).toBe(204);
    await expectEnd(here, 'signed_out');
    await expectOpen(there);
    await expectRefused(person.token ?? '', 'SIGN_IN_REVOKED');
  });

  it('reaches the connections that are just being opened', async () => {
    const person = await app.person();
    const sessionId = await person.session();
    const authorization = `Bearer ${person.token}`;
    const opening = Array.from({ length: 20 }, () =>
      SseClient.open(`${app.url}/sse/sessions/${sessionId}/stream`, { authorization }),
    );
    const [streams, ended] = await Promise.all([Promise.all(opening), person.post('/auth/logout')]);
    open.push(...streams);
    expect(ended.status).toBe(204);
    const watch = new Stopwatch();
    await Promise.all(streams.map((stream) => stream.over()));
    expect(watch.ms()).toBeLessThan(PROMPTLY_MS);
  });

  it('comes with the erasure of the account', async () => {
    const person = await app.person();
    const connections = await live(person);
    expect((await person.delete('/users/me')).status).toBe(204);
    await expectEnd(connections, 'signed_out');
    await expectRefused(person.token ?? '', 'SIGN_IN_REVOKED');
  });

  it('comes with the loss of a role, and not with a higher one', async () => {
    const person = await app.person();
    const admin = new Rest(app.url, await again(ADMIN));
    expect((await admin.patch(`/users/${person.id}/role`, { role: 'operator' })).status).toBe(200);
    const connections = await live(person);
    expect((await admin.patch(`/users/${person.id}/role`, { role: 'admin' })).status).toBe(200);
    await expectOpen(connections);
    expect((await person.get('/users')).status).toBe(200);
    expect((await admin.patch(`/users/${person.id}/role`, { role: 'user' })).status).toBe(200);
    await expectEnd(connections, 'role_changed');
    await expectRefused(person.token ?? '', 'SIGN_IN_REVOKED');
  });

  it('comes when a used refresh token is shown again after its child was used', async () => {
    const person = await app.person();
    const connections = await live(person);
    const rest = new Rest(app.url);
    const refresh = (refreshToken: string) => rest.post<{ refreshToken: string }>('/auth/refresh', { refreshToken });
    const child = (await refresh(person.refreshToken)).body.refreshToken;
    await refresh(child);
    const reuse = await refresh(person.refreshToken);
    expect([reuse.status, reuse.body]).toEqual([401, expect.objectContaining({ code: 'REFRESH_TOKEN_REUSED' })]);
    await expectEnd(connections, 'signed_out');
  });

  describe('and tickets', () => {
    const ticketOf = async (person: Person) =>
      (await person.post<{ ticket: string; expiresIn: number }>('/sse/ticket')).body.ticket;

    it('open one stream each, however many show one at once', async () => {
      const person = await app.person();
      const sessionId = await person.session();
      const address = `${app.url}/sse/sessions/${sessionId}/stream?ticket=${await ticketOf(person)}`;
      const streams = await Promise.all(Array.from({ length: 8 }, () => SseClient.open(address)));
      open.push(...streams);
      expect(streams.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(7).fill(401)]);
    });

    it('are worth nothing for others, after the sign-in, on other doors or when made up', async () => {
      const [person, other] = await Promise.all([app.person(), app.person()]);
      const sessionId = await person.session();
      const address = `${app.url}/sse/sessions/${sessionId}/stream`;
      const status = async (ticket: string) => (await SseClient.open(`${address}?ticket=${ticket}`)).status;
      expect(await status(await ticketOf(other))).toBe(404);
      for (const ticket of ['', 'x', 'x'.repeat(43), person.token ?? '', person.refreshToken])
        expect([400, 401]).toContain(await status(ticket));
      const ticket = await ticketOf(person);
      expect((await new Rest(app.url, ticket).get('/sessions')).status).toBe(401);
      await expect(ChatClient.connect(app.url, ticket)).rejects.toMatchObject({ data: { code: 'UNAUTHORIZED' } });
      await person.post('/auth/logout');
      expect(await status(ticket)).toBe(401);
    });
  });
});

describe('a token that runs out', () => {
  const LIFE_S = 3;
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ ACCESS_TOKEN_TTL_S: String(LIFE_S) });
  });
  afterAll(() => app.close());

  it('closes what is live soon after, unless a newer one was shown in time', async () => {
    const person = await app.person();
    const token = person.token ?? '';
    const sessionId = await person.session();
    const [stale, renewed, stream] = await Promise.all([
      ChatClient.connect(app.url, token),
      ChatClient.connect(app.url, token),
      SseClient.open(`${app.url}/sse/sessions/${sessionId}/stream`, { authorization: `Bearer ${token}` }),
    ]);
    // A newer token ends later only if it is made later: lives are counted in whole seconds.
    await delay(2_000);
    const { refreshToken } = person;
    const { body } = await new Rest(app.url).post<{ accessToken: string }>('/auth/refresh', { refreshToken });
    expect(await renewed.command('auth:refresh', { token: body.accessToken })).toMatchObject({ ok: true });
    expect(await stale.event('closing')).toMatchObject({ reason: 'token_expired' });
    await Promise.all([stale.event('disconnect'), stream.over()]);
    expect(stream.frames.at(-1)).toMatchObject({ event: 'closing', data: { reason: 'token_expired' } });
    expect(renewed.all('closing')).toEqual([]);
    expect(await renewed.command('leave', { sessionId })).toEqual({ ok: true });
    renewed.close();
  });
});
