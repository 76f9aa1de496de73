import type { AddressInfo } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { createApp } from '../../src/app.setup.js';
import { AppShutdown } from '../../src/app.shutdown.js';
import { DatabaseAddress } from '../../src/prisma/database-address.js';
import { createTestDatabase, testConfig, type TestDatabase } from './database.js';
import { Person } from './person.js';

/** The real application on a free port, with a database of its own. */
export class TestApp {
  private people = 0;

  private constructor(
    readonly app: NestExpressApplication,
    readonly database: TestDatabase,
    readonly url: string,
  ) {}

  /** Overrides are environment keys. The pace of AI messages is off unless a test sets it. */
  static async start(
    overrides: Readonly<Record<string, string | undefined>> = {},
    database?: TestDatabase,
  ): Promise<TestApp> {
    const own = database ?? (await createTestDatabase());
    const config = testConfig({ RATE_LIMIT_MS: '0', REGISTER_LIMIT_PER_HOUR: '100000', ...overrides });
    const app = await createApp(config, new DatabaseAddress(own.url, false));
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    return new TestApp(app, own, `http://127.0.0.1:${port}`);
  }

  /** A new, signed-in person. */
  async person(): Promise<Person> {
    const email = `person${++this.people}@example.com`;
    return Person.register(this.url, email, `a long password of ${email}`);
  }

  get<T>(type: new (...args: never[]) => T): T {
    return this.app.get(type, { strict: false });
  }

  /** Stops the application and keeps the database. */
  async stop(): Promise<void> {
    await this.app.get(AppShutdown).drain();
    await this.app.close();
  }

  async close(): Promise<void> {
    await this.stop();
    await this.database.drop();
  }
}
