import type { ChatResponse } from '../../src/operators/dto/chat.response.dto.js';
import type { DeskMessageResponse } from '../../src/operators/dto/desk-message.response.dto.js';
import type { OperatorResponse } from '../../src/operators/dto/operator.dto.js';
import { CustomerMessages } from '../../src/messages/customer-messages.service.js';
import { CustomersService } from '../../src/operators/customers.service.js';
import type { Appended } from '../../src/messages/message-appender.js';
import { TestApp } from './app.js';
import { Rest, type Answer } from './person.js';

export const ADMIN = { email: 'admin@example.com', password: 'a long password of admin' };

/** What a refusal looks like. */
export interface Refusal {
  code: string;
  details?: unknown;
}

/** A signed-in operator. */
export class DeskClient extends Rest {
  constructor(
    url: string,
    token: string,
    readonly id: string,
  ) {
    super(url, token);
  }

  move = <T = ChatResponse>(chatId: string, move: string, body: object = {}): Promise<Answer<T>> =>
    this.post<T>(`/api/chats/${chatId}/${move}`, body);
  chat = async (chatId: string): Promise<ChatResponse> => (await this.get<ChatResponse>(`/api/chats/${chatId}`)).body;
  chats = async (query = ''): Promise<ChatResponse[]> => (await this.get<ChatResponse[]>(`/api/chats${query}`)).body;
  messages = async (chatId: string): Promise<DeskMessageResponse[]> =>
    (await this.get<DeskMessageResponse[]>(`/api/chats/${chatId}/messages?limit=100`)).body;
  reply = <T = DeskMessageResponse>(chatId: string, text: string, rest: object = {}): Promise<Answer<T>> =>
    this.post<T>(`/api/chats/${chatId}/messages`, { text, ...rest });
  me = async (changes: object): Promise<OperatorResponse> =>
    (await this.patch<OperatorResponse>('/api/operators/me', changes)).body;
}

/** A customer of Telegram without Telegram. */
export class DeskCustomer {
  private said = 0;

  constructor(
    private readonly app: TestApp,
    readonly id: string,
    /** Of the conversation and the support chat. */
    readonly chatId: string,
  ) {}

  say(content: string, clientMessageId = `tg:${++this.said}`): Promise<Appended> {
    const customerId = this.id;
    return this.app.get(CustomerMessages).say({ conversationId: this.chatId, customerId, content, clientMessageId });
  }
}

/** An application with a desk. */
export class Desk {
  private people = 0;

  private constructor(
    readonly app: TestApp,
    readonly admin: DeskClient,
  ) {}

  static async start(overrides: Readonly<Record<string, string>> = {}): Promise<Desk> {
    return Desk.of(await TestApp.start({ ...Desk.settings, ...overrides }));
  }

  /** What an application must be started with to have a desk. */
  static readonly settings = {
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    LOGIN_LIMIT_PER_MINUTE: '100000',
  };

  /** The desk of an application that runs already. */
  static async of(app: TestApp): Promise<Desk> {
    return new Desk(app, await Desk.signIn(app.url, ADMIN));
  }

  static async signIn(url: string, credentials: { email: string; password: string }): Promise<DeskClient> {
    const { status, body } = await new Rest(url).post<{
      data: { operator: OperatorResponse; tokens: { access: string } };
    }>('/api/auth/login', credentials);
    if (status !== 200) throw new Error(`The operator could not sign in: ${status} ${JSON.stringify(body)}`);
    return new DeskClient(url, body.data.tokens.access, body.data.operator.id);
  }

  async operator(role: 'operator' | 'senior_operator' | 'admin' = 'operator', maxChats = 100): Promise<DeskClient> {
    const name = `${role}${++this.people}`;
    const account = { email: `${name}@example.com`, password: `a long password of ${name}` };
    const made = await this.admin.post('/api/operators', { ...account, name, role, maxChats });
    if (made.status !== 201) throw new Error(`The operator could not be made: ${JSON.stringify(made.body)}`);
    return Desk.signIn(this.app.url, account);
  }

  async customer(changes: { firstName?: string; languageCode?: string } = {}): Promise<DeskCustomer> {
    const telegramChatId = 1_000_000 + ++this.people;
    const { customer, conversationId } = await this.app.get(CustomersService).admit({
      telegramChatId,
      telegramId: telegramChatId,
      username: `customer${this.people}`,
      firstName: changes.firstName ?? 'Ada',
      lastName: null,
      languageCode: changes.languageCode ?? 'en',
    });
    return new DeskCustomer(this.app, customer.id, conversationId);
  }

  /** A customer who waits for a human. */
  async waiting(): Promise<DeskCustomer> {
    const customer = await this.customer();
    await customer.say('talk to a human');
    return customer;
  }

  close(): Promise<void> {
    return this.app.close();
  }
}
