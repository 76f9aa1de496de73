import { writeSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export interface RotationOptions {
  /** The file is put aside before it grows beyond this. */
  maxBytes: number;
  /** How many put-aside files are kept. */
  keep: number;
  /** Lines that wait for a slow disk; more are dropped. */
  maxWaitingBytes: number;
  /** After a failure nothing is tried for so long. */
  retryAfterMs: number;
  now: () => Date;
}

const DEFAULTS: RotationOptions = {
  maxBytes: 50 * 1024 * 1024,
  keep: 7,
  maxWaitingBytes: 8 * 1024 * 1024,
  retryAfterMs: 5_000,
  now: () => new Date(),
};

/**
 * A file that lines are appended to, in order and off the caller's path. It always has the name that it was given; each day and each
 * `maxBytes` it is renamed to `<name>.<day>.<n>` and started anew. A disk that is full or refuses costs lines, never the process.
 */
export class RotatingFile {
  private readonly options: RotationOptions;
  private waiting: string[] = [];
  private waitingBytes = 0;
  private handle: FileHandle | null = null;
  private size = 0;
  private day = '';
  private working: Promise<void> | null = null;
  private deafUntil = 0;
  /** Lines of the batch that is being written. */
  private inHand = 0;
  private lost = 0;

  /** @param report is told when lines get lost, and how many since the last time */
  constructor(
    private readonly path: string,
    private readonly report: (error: unknown, lostLines: number) => void,
    options: Partial<RotationOptions> = {},
  ) {
    this.options = { ...DEFAULTS, ...options };
  }

  write(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (this.waitingBytes + bytes > this.options.maxWaitingBytes || Date.now() < this.deafUntil) {
      this.lost++;
      return;
    }
    this.waiting.push(line);
    this.waitingBytes += bytes;
    this.working ??= this.work();
  }

  /** Resolves when everything written so far is in the file, or given up. */
  async flush(): Promise<void> {
    while (this.working) await this.working;
  }

  /** For the last moment of the process: writes what still waits, blocking. */
  flushSync(): void {
    const rest = this.take();
    if (rest === '' || !this.handle) return;
    try {
      writeSync(this.handle.fd, rest);
    } catch {
      // Nobody is left to be told.
    }
  }

  async close(): Promise<void> {
    await this.flush();
    await this.handle?.close();
    this.handle = null;
  }

  private async work(): Promise<void> {
    try {
      while (this.waiting.length > 0) await this.append(this.take());
    } catch (error) {
      await this.giveUp(error);
    } finally {
      this.working = null;
    }
  }

  private take(): string {
    const text = this.waiting.join('');
    this.inHand = this.waiting.length;
    this.waiting = [];
    this.waitingBytes = 0;
    return text;
  }

  private async append(text: string): Promise<void> {
    const bytes = Buffer.byteLength(text);
    const today = this.options.now().toISOString().slice(0, 10);
    let handle = this.handle ?? (await this.open(today));
    if (this.size > 0 && (this.day !== today || this.size + bytes > this.options.maxBytes)) {
      await this.putAside();
      handle = await this.open(today);
    }
    await handle.appendFile(text);
    this.size += bytes;
  }

  private async open(today: string): Promise<FileHandle> {
    await mkdir(dirname(this.path), { recursive: true });
    this.handle = await open(this.path, 'a');
    const { size, mtime } = await this.handle.stat();
    this.size = size;
    this.day = size > 0 ? mtime.toISOString().slice(0, 10) : today;
    return this.handle;
  }

  private async putAside(): Promise<void> {
    await this.handle?.close();
    this.handle = null;
    const folder = dirname(this.path);
    const old = await this.putAsideFiles();
    const last = old.filter((name) => name.startsWith(`${basename(this.path)}.${this.day}.`)).at(-1);
    const number = Number(last?.split('.').at(-1) ?? 0) + 1;
    await rename(this.path, `${this.path}.${this.day}.${number}`);
    // `old` lacks the file that was just put aside.
    for (const name of old.slice(0, Math.max(0, old.length + 1 - this.options.keep)))
      await rm(join(folder, name), { force: true });
  }

  /** Names of the put-aside files, the oldest first. */
  private async putAsideFiles(): Promise<string[]> {
    const start = `${basename(this.path)}.`;
    const names = await readdir(dirname(this.path));
    return names
      .filter((name) => name.startsWith(start) && /^\d{4}-\d\d-\d\d\.\d+$/.test(name.slice(start.length)))
      .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  }

  private async giveUp(error: unknown): Promise<void> {
    this.lost += this.inHand + this.waiting.length;
    this.take();
    this.deafUntil = Date.now() + this.options.retryAfterMs;
    const { handle } = this;
    this.handle = null;
    await handle?.close().catch(() => undefined);
    this.report(error, this.lost);
    this.lost = 0;
  }
}
