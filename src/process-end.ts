import { Logger, type INestApplication } from '@nestjs/common';
import type { PreparedDatabase } from './prisma/prepare-database.js';

/** What has been started so far, in the order in which it ends. */
export interface Started {
  app?: INestApplication;
  /** Finishes what is under way, before `app` closes. */
  drain?: () => Promise<void>;
  database?: PreparedDatabase;
  /** How long all of it may take, in ms; then the process ends anyway. */
  patienceMs: number;
}

/** One Ctrl-C reaches us from the terminal, from npm and from the launcher: within this time it is the same one. */
const SAME_SIGNAL_MS = 1_500;

/** The way out of the process: everything stored, nothing left running. */
export class ProcessEnd {
  readonly started: Started = { patienceMs: 5_000 };
  private readonly logger = new Logger(ProcessEnd.name);
  private ending: Promise<void> | null = null;
  private firstSignalAt: number | null = null;

  /** SIGTERM and SIGINT end the process in order, the second one at once; errors that nobody caught end it in order with code 1. */
  listen(): void {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.onSignal(signal));
    process.on('uncaughtException', (error) => this.onFault(error));
    process.on('unhandledRejection', (reason) => this.onFault(reason));
    // A reader that went away is no reason to end.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  }

  /** Drains, closes and exits with `code`; a call while that is under way changes nothing. */
  end(code: number): Promise<void> {
    this.ending ??= this.endOnce(code);
    return this.ending;
  }

  private onSignal(signal: NodeJS.Signals): void {
    const now = Date.now();
    this.firstSignalAt ??= now;
    if (now - this.firstSignalAt > SAME_SIGNAL_MS) process.exit(signal === 'SIGINT' ? 130 : 143);
    void this.end(0);
  }

  private onFault(fault: unknown): void {
    const error = fault instanceof Error ? fault : new Error(String(fault));
    this.logger.fatal({ msg: 'Nobody caught this error; the server ends', err: error });
    void this.end(1);
  }

  private async endOnce(code: number): Promise<void> {
    const { drain, app, database, patienceMs } = this.started;
    setTimeout(() => process.exit(1), patienceMs).unref();
    let exitCode = code;
    for (const step of [drain, () => app?.close(), () => database?.stop()]) {
      try {
        await step?.();
      } catch (error) {
        this.logger.error({ msg: 'The server could not end in order', err: error });
        exitCode = 1;
      }
    }
    process.exit(exitCode);
  }
}
