import type { MessageResponse } from '../../src/messages/dto/message.response.dto.js';
import { ChatClient } from './chat-client.js';

export interface Answer<T = unknown> {
  status: number;
  headers: Headers;
  body: T;
}

export interface SessionBody {
  id: string;
  title: string | null;
}

/** A client of the REST door. */
export class Rest {
  constructor(
    public url: string,
    public token: string | null = null,
  ) {}

  async call<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(this.token === null ? {} : { authorization: `Bearer ${this.token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson =
      response.headers.get('content-type')?.includes('json') === true &&
      !response.headers.get('content-type')?.includes('ndjson');
    return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as T };
  }

  get = <T = Record<string, unknown>>(path: string, headers?: Record<string, string>) =>
    this.call<T>('GET', path, undefined, headers);
  post = <T = Record<string, unknown>>(path: string, body: unknown = {}, headers?: Record<string, string>) =>
    this.call<T>('POST', path, body, headers);
  patch = <T = Record<string, unknown>>(path: string, body: unknown) => this.call<T>('PATCH', path, body);
  delete = <T = Record<string, unknown>>(path: string) => this.call<T>('DELETE', path);
}

/** Somebody with an account, a REST client and sockets. */
export class Person extends Rest {
  private readonly clients: ChatClient[] = [];

  private constructor(
    url: string,
    token: string,
    public refreshToken: string,
    readonly id: string,
    readonly email: string,
    readonly password: string,
  ) {
    super(url, token);
  }

  static async register(url: string, email: string, password: string): Promise<Person> {
    const rest = new Rest(url);
    const { status, body } = await rest.post<{ accessToken: string; refreshToken: string }>('/auth/register', {
      email,
      password,
    });
    if (status !== 201) throw new Error(`register answered ${status}: ${JSON.stringify(body)}`);
    rest.token = body.accessToken;
    const me = await rest.get<{ id: string }>('/auth/me');
    return new Person(url, body.accessToken, body.refreshToken, me.body.id, email, password);
  }

  async session(body: object = {}): Promise<string> {
    const answer = await this.post<SessionBody>('/sessions', body);
    if (answer.status !== 201)
      throw new Error(`POST /sessions answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body.id;
  }

  async messages(sessionId: string): Promise<MessageResponse[]> {
    return (await this.get<MessageResponse[]>(`/messages/${sessionId}?limit=100`)).body;
  }

  /** A connected socket of `/chat`. */
  async socket(): Promise<ChatClient> {
    const client = await ChatClient.connect(this.url, this.token ?? '');
    this.clients.push(client);
    return client;
  }

  closeSockets(): void {
    for (const client of this.clients.splice(0)) client.close();
  }
}
