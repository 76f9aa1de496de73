import type { AddressInfo } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { createApp } from '../../src/app.setup.js';
import { AppShutdown } from '../../src/app.shutdown.js';
import type { AppConfig } from '../../src/config/app-config.js';
import { DatabaseAddress } from '../../src/prisma/database-address.js';

export interface Answer<T = Record<string, unknown>> {
  status: number;
  headers: Headers;
  body: T;
}

export interface Tokens {
  accessToken: string;
  refreshToken: string;
  tokenType: string;
  expiresIn: number;
}

/** One node of the real application on a free port, and how people sign in to it. */
export class SignInApp {
  private constructor(
    readonly nest: NestExpressApplication,
    readonly origin: string,
  ) {}

  static async start(config: AppConfig, databaseUrl: string): Promise<SignInApp> {
    const nest = await createApp(config, new DatabaseAddress(databaseUrl, false));
    await nest.listen(config.env.PORT, '127.0.0.1');
    const { port } = nest.getHttpServer().address() as AddressInfo;
    return new SignInApp(nest, `http://127.0.0.1:${port}`);
  }

  async call<T = Record<string, unknown>>(
    method: string,
    path: string,
    options: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Answer<T>> {
    const { token, body, headers = {} } = options;
    const response = await fetch(this.origin + path, {
      method,
      redirect: 'manual',
      headers: {
        // A kept connection may be closed by the server at the moment that it is used again.
        connection: 'close',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as T };
  }

  /** Signs up somebody new. */
  async register(fields: Record<string, unknown> = {}): Promise<Tokens & { email: string; id: string }> {
    const email = `person-${crypto.randomUUID()}@example.org`;
    const { status, body } = await this.call<Tokens>('POST', '/auth/register', {
      body: { email, password: PASSWORD, ...fields },
    });
    if (status !== 201) throw new Error(`registration answered ${status}: ${JSON.stringify(body)}`);
    const me = await this.call<{ id: string; email: string }>('GET', '/auth/me', { token: body.accessToken });
    return { ...body, email: me.body.email, id: me.body.id };
  }

  login(email: string, password = PASSWORD): Promise<Answer<Tokens & { code?: string }>> {
    return this.call('POST', '/auth/login', { body: { email, password } });
  }

  refresh(refreshToken: string): Promise<Answer<Tokens & { code?: string }>> {
    return this.call('POST', '/auth/refresh', { body: { refreshToken } });
  }

  async stop(): Promise<void> {
    await this.nest.get(AppShutdown).drain();
    await this.nest.close();
  }
}

export const PASSWORD = 'lamp quiet orbit';
