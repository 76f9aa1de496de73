import { existsSync } from 'node:fs';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppConfig } from './config/app-config.js';
import { ConfigError } from './config/env.schema.js';
import { prepareDatabase, type PreparedDatabase } from './prisma/prepare-database.js';
import { StartError } from './prisma/start-error.js';
import { ProcessEnd } from './process-end.js';
import { trimHeap } from './trim-heap.js';

/** sysexits.h: the configuration is wrong. */
const EX_CONFIG = 78;

/** What closing may take after running answers have had their time. */
const CLOSING_MS = 5_000;

/** What comes in at once with the start is answered first. */
const TRIM_AFTER_MS = 1_000;

async function start(end: ProcessEnd): Promise<void> {
  // What the real environment says wins over the file.
  if (existsSync('.env')) process.loadEnvFile('.env');
  const config = AppConfig.from(process.env);
  end.started.patienceMs = config.env.SHUTDOWN_GRACE_MS + CLOSING_MS;
  const say = announcer(config);
  const database = await prepareDatabase(config, say);
  end.started.database = database;
  // Loaded only now: a mistake in the configuration or the database shows at once.
  const { createApp } = await import('./app.setup.js');
  const { AppShutdown } = await import('./app.shutdown.js');
  const app = await createApp(config, database.address);
  end.started.app = app;
  end.started.drain = () => app.get(AppShutdown).drain();
  await listen(app, config);
  await announce(app, config, database, say);
  setTimeout(() => void trimHeap(), TRIM_AFTER_MS).unref();
}

async function listen(app: NestExpressApplication, { env }: AppConfig): Promise<void> {
  try {
    await app.listen(env.PORT, env.HOST);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE')
      throw new StartError(`port ${env.PORT} of ${env.HOST} is taken by another program; choose one with PORT`);
    if (code === 'EACCES') throw new StartError(`port ${env.PORT} needs more rights; choose another one with PORT`);
    if (code?.startsWith('E')) throw new StartError(`cannot listen on ${env.HOST}:${env.PORT}: ${message}`);
    throw error;
  }
}

async function announce(
  app: NestExpressApplication,
  config: AppConfig,
  { address }: PreparedDatabase,
  say: (line: string) => void,
): Promise<void> {
  const { ModelService } = await import('./ai/providers/model.service.js');
  const { provider, model } = app.get(ModelService, { strict: false }).resolve();
  const bound = app.getHttpServer().address() as { port: number };
  const url = config.env.PUBLIC_URL ?? `http://localhost:${bound.port}`;
  const { hostname, port, pathname } = new URL(address.url);
  say(`Parley ${config.version} is listening on ${url}`);
  say(`  Page     ${url}/`);
  if (config.env.DOCS_ENABLED) say(`  API      ${url}/docs`);
  say(
    `  Model    ${provider === 'echo' ? 'echo: set OPENAI_API_KEY or OPENAI_BASE_URL for a real one' : `${model} (${provider})`}`,
  );
  say(`  Data     ${address.embedded ? config.dataDir : `${hostname}:${port || 5432}${pathname}`}`);
  if (config.env.TELEGRAM_BOT_TOKEN !== undefined) say(`  Telegram ${telegramMode(config)}`);
}

function telegramMode({ env }: AppConfig): string {
  if (env.TELEGRAM_WEBHOOK_URL !== undefined) return `webhook ${env.TELEGRAM_WEBHOOK_URL}`;
  if (env.TELEGRAM_POLLING) return 'long polling';
  return 'sends only: set TELEGRAM_WEBHOOK_URL or TELEGRAM_POLLING=true to be written to';
}

/** Plain lines for people; in production the log is read by programs, so each line is a record. */
function announcer({ isProduction }: AppConfig): (line: string) => void {
  if (!isProduction) return (line) => console.log(line);
  return (line) => console.log(JSON.stringify({ level: 'info', time: new Date().toISOString(), msg: line.trim() }));
}

function explain(error: unknown): number {
  if (error instanceof ConfigError) {
    for (const problem of error.problems) console.error(problem);
    return EX_CONFIG;
  }
  // A system call that failed says enough: EACCES: permission denied, mkdir '/data'.
  const isPlain = error instanceof StartError || (error instanceof Error && 'syscall' in error);
  if (isPlain) console.error(`Cannot start: ${error.message}`);
  else console.error(error);
  return 1;
}

const end = new ProcessEnd();
end.listen();
try {
  await start(end);
} catch (error) {
  await end.end(explain(error));
}
