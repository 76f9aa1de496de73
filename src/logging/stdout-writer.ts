import { write, writeSync } from 'node:fs';

const STDOUT = 1;
/** Bytes that wait for a reader that stalls; more are dropped. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;
const RETRY_AFTER_MS = 20;
const LAST_TRIES = 20;

/**
 * Writes lines to a file descriptor in order, off the caller's path. A full disk or a reader that went away costs lines, never the
 * process: the streams of Node and pino end it, stop for good or spin at its exit.
 */
export class StdoutWriter {
  private waiting: string[] = [];
  private waitingBytes = 0;
  private isWriting = false;

  constructor(private readonly fd = STDOUT) {}

  write(line: string): void {
    if (this.waitingBytes + line.length > MAX_WAITING_BYTES) return;
    this.waiting.push(line);
    this.waitingBytes += line.length;
    if (!this.isWriting) this.next();
  }

  /** For the last moment of the process: writes what still waits, as far as that goes without waiting long. */
  flushSync(): void {
    let rest = this.take();
    for (let tries = 0; rest.length > 0 && tries < LAST_TRIES; tries++) {
      try {
        rest = rest.subarray(writeSync(this.fd, rest));
      } catch (error) {
        if (!isBusy(error)) return;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_AFTER_MS);
      }
    }
  }

  private next(): void {
    if (this.waiting.length > 0) this.put(this.take());
  }

  private put(bytes: Buffer): void {
    this.isWriting = true;
    write(this.fd, bytes, (error, written) => {
      if (isBusy(error)) return void setTimeout(() => this.put(bytes), RETRY_AFTER_MS);
      if (!error && written < bytes.length) return this.put(bytes.subarray(written));
      this.isWriting = false;
      this.next();
    });
  }

  private take(): Buffer {
    const bytes = Buffer.from(this.waiting.join(''));
    this.waiting = [];
    this.waitingBytes = 0;
    return bytes;
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}
