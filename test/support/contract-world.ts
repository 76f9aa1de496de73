import { randomUUID } from 'node:crypto';
import { ROLES, type Role } from '../../src/common/actor.js';
import { CustomersService } from '../../src/operators/customers.service.js';
import { EscalationService } from '../../src/operators/escalation.service.js';
import { TestApp } from './app.js';
import { DatabaseState } from './database-state.js';
import { Person, Rest } from './person.js';
import type { Things } from './policy.js';
import { ScriptedOpenAi } from './scripted-openai.js';

export const CALLERS = ['anonymous', 'other', 'owner', 'operator', 'senior_operator', 'admin'] as const;
export type Caller = (typeof CALLERS)[number];

const ADMIN = { email: 'admin@example.com', password: 'a long password of admin' };

/** A running application with people of every role, for tests of who may do what. */
export class ContractWorld {
  private constructor(
    readonly app: TestApp,
    readonly database: DatabaseState,
    private readonly model: ScriptedOpenAi,
    private readonly callers: Readonly<Record<Caller, Rest>>,
    readonly owner: Person,
    readonly other: Person,
    private readonly guests: readonly [Person, Person],
    private readonly colleague: string,
    private readonly desk: Pick<Things, keyof typeof DESK>,
  ) {}

  static async start(overrides: Readonly<Record<string, string>> = {}): Promise<ContractWorld> {
    // The echo takes its time; this model answers at once.
    const model = await ScriptedOpenAi.start();
    const app = await TestApp.start({
      OPENAI_BASE_URL: model.baseUrl,
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      LOGIN_LIMIT_PER_MINUTE: '100000',
      REST_LIMIT_PER_MINUTE: '10000000',
      SOCKET_EVENTS_PER_MINUTE: '10000000',
      AI_MAX_RUNNING_PER_USER: '1000',
      OPERATOR_MAX_CHATS: '10000',
      SLA_FIRST_RESPONSE_S: '0',
      ...overrides,
    });
    const anonymous = new Rest(app.url);
    const { body } = await anonymous.post<{ accessToken: string }>('/auth/login', ADMIN);
    const admin = new Rest(app.url, body.accessToken);
    const register = (name: string) => Person.register(app.url, `${name}@example.com`, `a long password of ${name}`);
    const [owner, other, operator, senior_operator, ...guests] = await Promise.all([
      register('owner'),
      register('other'),
      register('operator'),
      register('senior'),
      register('guest'),
      register('anotherguest'),
    ]);
    for (const [person, role] of [
      [operator, 'operator'],
      [senior_operator, 'senior_operator'],
    ] as const)
      await expectOk(admin.patch(`/users/${person.id}/role`, { role }));
    const callers = { anonymous, other, owner, operator, senior_operator, admin };
    const account = { email: 'colleague@example.com', password: 'a long password of colleague', name: 'Colleague' };
    const { id: colleague } = await expectOk(
      admin.post<{ id: string }>('/api/operators', { ...account, role: 'operator' }),
    );
    const desk = await deskThings(app, operator, colleague);
    const database = await DatabaseState.of(app.database.url);
    return new ContractWorld(app, database, model, callers, owner, other, guests, colleague, desk);
  }

  /** New things of the desk, the held and the closed ones by this caller where they may. */
  deskThings(caller: Caller): Promise<Pick<Things, keyof typeof DESK>> {
    return deskThings(this.app, this.as(caller), this.colleague);
  }

  as(caller: Caller): Rest {
    return this.callers[caller];
  }

  /** New things of a person, by default the owner; nothing is under way any more. */
  async things(person: Person = this.owner): Promise<Things> {
    const { id: group } = await expectOk(person.post<{ id: string }>('/groups', { name: 'Holidays' }));
    const session = await person.session({ title: 'Tea', groupId: group });
    await expectOk(person.post('/messages/stream', { sessionId: session, prompt: 'Which tea?' }));
    const [question, answer] = await person.messages(session);
    if (!question || !answer) throw new Error('The question was not answered');
    const member = this.guests[person === this.owner ? 0 : 1].id;
    const participantIds = [member];
    const { id: room } = await expectOk(person.post<{ id: string }>('/chat-rooms', { type: 'GROUP', participantIds }));
    const said = await expectOk(person.post<{ id: string }>(`/chat-rooms/${room}/messages`, { content: 'Tea?' }));
    const ofRoom = { room, roomMessage: said.id, member };
    return { session, group, question: question.id, answer: answer.id, person: person.id, ...ofRoom, ...this.desk };
  }

  /** Ids that nobody has. */
  static absentThings(): Things {
    return {
      session: randomUUID(),
      group: randomUUID(),
      question: randomUUID(),
      answer: randomUUID(),
      person: randomUUID(),
      room: randomUUID(),
      roomMessage: randomUUID(),
      member: randomUUID(),
      waitingChat: randomUUID(),
      heldChat: randomUUID(),
      closedChat: randomUUID(),
      operator: randomUUID(),
      cannedReply: randomUUID(),
    };
  }

  async close(): Promise<void> {
    this.owner.closeSockets();
    this.other.closeSockets();
    await this.database.close();
    await this.app.close();
    await this.model.stop();
  }
}

/** What operators share: whoever may call at all may name it. */
const DESK = { waitingChat: true, heldChat: true, closedChat: true, operator: true, cannedReply: true } as const;

export const isOfDesk = (kind: keyof Things): boolean => kind in DESK;

let customers = 0;

async function deskThings(app: TestApp, caller: Rest, operator: string): Promise<Pick<Things, keyof typeof DESK>> {
  const waiting = async () => {
    const telegramChatId = ++customers;
    const person = { telegramId: telegramChatId, username: null, firstName: 'Ada', lastName: null, languageCode: null };
    const { conversationId } = await app.get(CustomersService).admit({ telegramChatId, ...person });
    await app.get(EscalationService).escalate(conversationId, { by: 'command', reason: null });
    return conversationId;
  };
  const [waitingChat, heldChat, closedChat] = [await waiting(), await waiting(), await waiting()] as const;
  for (const chat of [heldChat, closedChat]) await expectOk(caller.post(`/api/chats/${chat}/take`));
  await expectOk(caller.post(`/api/chats/${closedChat}/close`));
  const reply = { title: 'Greeting', text: 'Hello!' };
  const { id: cannedReply } = await expectOk(caller.post<{ id: string }>('/api/canned-replies', reply));
  return { waitingChat, heldChat, closedChat, operator, cannedReply };
}

/** The role of a caller; null when nobody is signed in. */
export function roleOf(caller: Caller): Role | null {
  if (caller === 'anonymous') return null;
  return ROLES.find((role) => role === caller) ?? 'user';
}

async function expectOk<T>(answer: Promise<{ status: number; body: T }>): Promise<T> {
  const { status, body } = await answer;
  if (status >= 300) throw new Error(`The world could not be made: ${status} ${JSON.stringify(body)}`);
  return body;
}
