import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { temporaryFolder, testEnvironment } from './database.js';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
/** As `npm start` and the image give them. */
export const SERVER_FLAGS: readonly string[] = ['--max-semi-space-size=8'];

/** The last line that a person is told at the start. */
export const READY = /^ {2}Data {2,}/m;

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** The built server as a process of its own, started as an operator starts it. */
export class ServerProcess {
  readonly exit: Promise<Exit>;
  /** Everything it has written, stdout and stderr. */
  output = '';
  private readonly listeners = new Set<() => void>();

  private constructor(private readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        for (const listener of this.listeners) listener();
      });
    this.exit = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
  }

  /** Spawns it and returns at once; keys of `env` are the whole configuration. */
  static spawn(
    env: Readonly<Record<string, string | undefined>> = {},
    command: readonly string[] = [...SERVER_FLAGS, MAIN],
  ): ServerProcess {
    if (!existsSync(MAIN)) throw new Error('The server is not built: npm run build');
    return new ServerProcess(
      spawn(process.execPath, [...command], {
        // No .env of the checkout.
        cwd: temporaryFolder('cwd-'),
        env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...testEnvironment(env) },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      }),
    );
  }

  /** Spawns it and waits until it listens. */
  static async start(env: Readonly<Record<string, string | undefined>> = {}): Promise<ServerProcess> {
    const server = ServerProcess.spawn(env);
    await server.waitFor(READY);
    return server;
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('The server could not be spawned.');
    return this.child.pid;
  }

  get url(): string {
    const [, port] = /is listening on http:\/\/localhost:(\d+)/.exec(this.output) ?? [];
    if (!port) throw new Error(`The server does not listen:\n${this.output}`);
    return `http://127.0.0.1:${port}`;
  }

  /** What it wrote, once that matches. @throws when it ends before */
  async waitFor(pattern: RegExp): Promise<string> {
    for (;;) {
      if (pattern.test(this.output)) return this.output;
      const exit = await Promise.race([this.exit, this.nextOutput()]);
      if (exit && !pattern.test(this.output))
        throw new Error(`The server ended with ${JSON.stringify(exit)}:\n${this.output}`);
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** A signal to it and to all that it started in its process group, as a terminal or a supervisor sends it. */
  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal);
  }

  /** SIGTERM, and how it ended. */
  async stop(): Promise<Exit> {
    this.signal('SIGTERM');
    return this.exit;
  }

  private nextOutput(): Promise<undefined> {
    return new Promise((resolve) => {
      const listener = () => {
        this.listeners.delete(listener);
        resolve(undefined);
      };
      this.listeners.add(listener);
    });
  }
}
