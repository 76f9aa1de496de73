import type { AddressInfo } from 'node:net';
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AuthModule } from '../../src/auth/auth.module.js';
import { configureBodies } from '../../src/common/http/body-limits.js';
import { ErrorFilter } from '../../src/common/http/error.filter.js';
import { LimitedExpressAdapter } from '../../src/common/http/http-adapter.js';
import { assignRequestId } from '../../src/common/http/request-id.js';
import { PageInterceptor } from '../../src/common/pagination/page.interceptor.js';
import { DtoValidationPipe } from '../../src/common/validation/validation.pipe.js';
import type { AppConfig } from '../../src/config/app-config.js';
import { ConfigModule } from '../../src/config/config.module.js';
import { EventsModule } from '../../src/events/events.module.js';
import { DatabaseAddress } from '../../src/prisma/database-address.js';
import { PrismaModule } from '../../src/prisma/prisma.module.js';
import { UsersModule } from '../../src/users/users.module.js';

@Module({})
class SignInAppModule {
  static with(config: AppConfig, url: string): DynamicModule {
    const database = PrismaModule.at(new DatabaseAddress(url, false));
    return {
      module: SignInAppModule,
      imports: [ConfigModule.with(config), EventsModule, database, UsersModule, AuthModule],
    };
  }
}

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

/** People and sign-ins behind the real HTTP front, on a port of its own. */
export class SignInApp {
  private constructor(
    readonly nest: NestExpressApplication,
    readonly origin: string,
  ) {}

  static async start(config: AppConfig, databaseUrl: string): Promise<SignInApp> {
    const module = SignInAppModule.with(config, databaseUrl);
    const nest = await NestFactory.create<NestExpressApplication>(module, new LimitedExpressAdapter(), {
      bodyParser: false,
      abortOnError: false,
      logger: false,
    });
    nest.set('trust proxy', config.env.TRUST_PROXY);
    nest.use(assignRequestId);
    configureBodies(nest);
    nest.useGlobalPipes(new DtoValidationPipe());
    nest.useGlobalFilters(new ErrorFilter());
    nest.useGlobalInterceptors(new PageInterceptor());
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

  stop(): Promise<void> {
    return this.nest.close();
  }
}

export const PASSWORD = 'lamp quiet orbit';
