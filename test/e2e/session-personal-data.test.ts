import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DomainEventBus } from '../../src/events/domain-event-bus.js';
import { PrismaService } from '../../src/prisma/prisma.service.js';
import { TestApp } from '../support/app.js';
import type { Person } from '../support/person.js';

interface PersonalData {
  groups: { id: string; name: string }[];
  sessions: { id: string; systemPrompt: string | null }[];
  messages: { sessionId: string; content: string }[];
}

describe('what groups, sessions and messages keep about a person', () => {
  let server: TestApp;

  beforeAll(async () => {
    server = await TestApp.start();
  });

  afterAll(() => server.close());

  async function withData(): Promise<{ who: Person; groupId: string; sessionId: string }> {
    const who = await server.person();
    const group = await who.post<{ id: string }>('/groups', { name: 'Trip' }, { 'idempotency-key': 'group' });
    const sessionId = await who.session({ title: 'Sea', groupId: group.body.id, systemPrompt: 'Be brief.' });
    for (const content of ['one', 'two']) await who.post('/messages', { sessionId, role: 'assistant', content });
    await who.patch(`/sessions/${await who.session({ title: 'Old' })}`, { archived: true });
    return { who, groupId: group.body.id, sessionId };
  }

  it('is in the export: groups, all sessions with their settings, all messages', async () => {
    const { who, groupId, sessionId } = await withData();
    await withData();
    const { groups, sessions, messages } = (await who.get<PersonalData>('/users/me/export')).body;
    expect(groups).toMatchObject([{ id: groupId, name: 'Trip' }]);
    expect(sessions).toMatchObject([
      { id: sessionId, groupId, title: 'Sea', systemPrompt: 'Be brief.' },
      { title: 'Old' },
    ]);
    expect(messages).toMatchObject([
      { sessionId, content: 'one' },
      { sessionId, content: 'two' },
    ]);
  });

  it('is gone after the erasure, the kept answers of their requests too, and nothing of others is', async () => {
    const { who, sessionId } = await withData();
    const other = await withData();
    const deleted: string[] = [];
    server.get(DomainEventBus).subscribe('session.deleted', (event) => void deleted.push(event.sessionId));
    expect((await who.delete('/users/me')).status).toBe(204);
    const prisma = server.get(PrismaService);
    expect(await prisma.group.count({ where: { ownerId: who.id } })).toBe(0);
    expect(await prisma.session.count({ where: { ownerId: who.id } })).toBe(0);
    expect(await prisma.conversation.count({ where: { id: sessionId } })).toBe(0);
    expect(await prisma.message.count({ where: { conversationId: sessionId } })).toBe(0);
    expect(await prisma.idempotencyKey.count({ where: { userId: who.id } })).toBe(0);
    expect(deleted).toHaveLength(2);
    expect(deleted).toContain(sessionId);
    expect((await other.who.messages(other.sessionId)).map(({ content }) => content)).toEqual(['one', 'two']);
    expect(await prisma.idempotencyKey.count({ where: { userId: other.who.id } })).toBe(1);
  });
});
