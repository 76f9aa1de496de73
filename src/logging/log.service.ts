import { Injectable, type LoggerService, type OnApplicationShutdown } from '@nestjs/common';
import { pino, stdTimeFunctions, type DestinationStream, type Level, type Logger } from 'pino';
import type { AppConfig } from '../config/app-config.js';
import { requestContext } from './request-context.js';
import { RotatingFile } from './rotating-file.js';
import { createScrubber } from './scrubber.js';
import { serializeError } from './serialize-error.js';
import { StdoutWriter } from './stdout-writer.js';

/** Nest tells every module and route at start; nobody but a developer wants to know. */
const START_CONTEXTS = new Set<unknown>([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'WebSocketsController',
]);

type Fields = Record<string, unknown>;

const openLogs = new Set<LogService>();
process.once('exit', () => openLogs.forEach((log) => log.flushSync()));

/** The log: one JSON record a line, on stdout and in LOG_FILE. Nest's `Logger` writes through it. */
@Injectable()
export class LogService implements LoggerService, OnApplicationShutdown {
  private readonly logger: Logger;
  private readonly file: RotatingFile | null;
  private readonly stdout: DestinationStream & { flushSync?: () => void };

  constructor(config: AppConfig, stdout?: DestinationStream) {
    const { env } = config;
    this.stdout = stdout ?? new StdoutWriter();
    this.file =
      env.LOG_FILE === undefined ? null : new RotatingFile(env.LOG_FILE, (...loss) => this.reportLoss(...loss));
    const scrub = createScrubber([
      env.JWT_SECRET,
      env.ADMIN_PASSWORD,
      env.DB_PASSWORD,
      env.OPENAI_API_KEY,
      env.GOOGLE_CLIENT_SECRET,
      env.TELEGRAM_BOT_TOKEN,
      env.TELEGRAM_WEBHOOK_SECRET,
      env.METRICS_TOKEN,
    ]);
    const write = (line: string): void => {
      const clean = scrub(line);
      this.stdout.write(clean);
      this.file?.write(clean);
    };
    this.logger = pino(
      {
        level: env.LOG_LEVEL,
        base: { node: config.nodeId },
        timestamp: stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
        serializers: { err: (error: unknown) => serializeError(error) },
        // A copy: pino puts the fields of the line into it.
        mixin: () => ({ ...requestContext.getStore() }),
      },
      { write },
    );
    openLogs.add(this);
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.write(START_CONTEXTS.has(rest.at(-1)) ? 'debug' : 'info', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  isEnabled(level: Level): boolean {
    return this.logger.isLevelEnabled(level);
  }

  /** Writes one record; cheaper than the methods above, which take Nest's many ways to call a logger. */
  record(level: Level, fields: Fields, text: string): void {
    this.logger[level](fields, text);
  }

  /** Resolves when every line so far is out. */
  async flush(): Promise<void> {
    this.stdout.flushSync?.();
    await this.file?.flush();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.flush();
  }

  /** Closes the file; a later line opens it again. */
  async close(): Promise<void> {
    openLogs.delete(this);
    await this.file?.close();
  }

  /** For the last moment of the process. */
  flushSync(): void {
    this.stdout.flushSync?.();
    this.file?.flushSync();
  }

  private write(level: Level, message: unknown, rest: readonly unknown[]): void {
    if (!this.logger.isLevelEnabled(level)) return;
    const { fields, text } = readNestCall(message, rest);
    this.logger[level](fields, text);
  }

  private reportLoss(error: unknown, lines: number): void {
    this.logger.error({ err: error, lines }, 'The log file cannot be written; lines are lost');
  }
}

/** Sorts out `(message, …params, stack?, context?)`, as Nest and its users call loggers. */
function readNestCall(message: unknown, rest: readonly unknown[]): { fields: Fields; text: string | undefined } {
  const fields: Fields = {};
  const params = [...rest];
  if (typeof params.at(-1) === 'string' && !looksLikeStack(params.at(-1))) fields['context'] = params.pop();
  let text: string | undefined;
  if (message instanceof Error) fields['err'] = message;
  else if (typeof message === 'object' && message !== null) Object.assign(fields, message);
  else text = String(message);
  for (const param of params) {
    if (param instanceof Error) fields['err'] ??= param;
    else if (looksLikeStack(param)) fields['stack'] = param;
    else if (typeof param === 'object' && param !== null) Object.assign(fields, param);
    else if (param !== undefined) fields['params'] = [...((fields['params'] as unknown[] | undefined) ?? []), param];
  }
  return { fields, text };
}

function looksLikeStack(value: unknown): boolean {
  return typeof value === 'string' && /\n\s*at /.test(value);
}
