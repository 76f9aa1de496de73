import { DomainEventBus } from '../../src/events/domain-event-bus.js';
import { TestApp } from './app.js';
import { ChatClient } from './chat-client.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { eventually } from './eventually.js';
import { Rest, type Person } from './person.js';
import { RedisServer } from './redis-server.js';
import { ScriptedOpenAi } from './scripted-openai.js';

/** Two servers on one PostgreSQL, one Redis and one model. */
export class TwoNodes {
  private readonly clients: ChatClient[] = [];

  private constructor(
    readonly a: TestApp,
    readonly b: TestApp,
    readonly redis: RedisServer,
    readonly model: ScriptedOpenAi,
    readonly database: TestDatabase,
  ) {}

  static async start(overrides: Readonly<Record<string, string | undefined>> = {}): Promise<TwoNodes> {
    const [redis, model, database] = await Promise.all([
      RedisServer.start(),
      ScriptedOpenAi.start(),
      createTestDatabase(),
    ]);
    const env = {
      JWT_SECRET: 'a secret that both of the nodes know well',
      REDIS_URL: redis.url,
      OPENAI_BASE_URL: model.baseUrl,
      OPENAI_API_KEY: 'any',
      ...overrides,
    };
    const a = await TestApp.start(env, database);
    const b = await TestApp.start(env, database);
    const nodes = new TwoNodes(a, b, redis, model, database);
    await nodes.joined();
    return nodes;
  }

  /** Both hear each other. */
  async joined(): Promise<void> {
    for (const node of [this.a, this.b]) await eventually(() => node.get(DomainEventBus).hearsOthers, 15_000);
  }

  /** Neither hears the other. */
  async parted(): Promise<void> {
    for (const node of [this.a, this.b]) await eventually(() => !node.get(DomainEventBus).hearsOthers, 15_000);
  }

  /** A socket of somebody on one of the nodes. */
  async socket(node: TestApp, person: Person): Promise<ChatClient> {
    const client = await ChatClient.connect(node.url, person.token ?? '');
    this.clients.push(client);
    return client;
  }

  /** The same person's REST client on one of the nodes. */
  rest(node: TestApp, person: Person): Rest {
    return new Rest(node.url, person.token);
  }

  closeSockets(): void {
    for (const client of this.clients.splice(0)) client.close();
  }

  async close(): Promise<void> {
    this.closeSockets();
    await Promise.all([this.a.stop(), this.b.stop()]);
    await Promise.all([this.redis.kill(), this.model.stop()]);
    await this.database.drop();
  }
}
