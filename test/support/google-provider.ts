import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** How the stand-in answers; what is left out is as a good provider would do it. */
export interface ProviderBehaviour {
  userinfo?: unknown;
  userinfoStatus?: number;
  idToken?: Record<string, unknown>;
  withoutIdToken?: boolean;
  token?: { statusCode: number; body: unknown };
}

interface Told {
  port?: number;
  ready?: true;
  tokenRequest?: Record<string, string>;
}

/** A stand-in for Google: the third-party oauth2-mock-server, as a child process. */
export class GoogleProvider {
  readonly tokenRequests: Record<string, string>[] = [];

  private constructor(
    private readonly child: ChildProcess,
    readonly origin: string,
  ) {
    child.on('message', ({ tokenRequest }: Told) => tokenRequest && this.tokenRequests.push(tokenRequest));
  }

  static async start(): Promise<GoogleProvider> {
    const script = fileURLToPath(new URL('./google-process.mjs', import.meta.url));
    const child = fork(script, { execArgv: [], env: { PATH: process.env['PATH'] } });
    const [{ port }] = (await once(child, 'message')) as [Told];
    return new GoogleProvider(child, `http://127.0.0.1:${port}`);
  }

  /** The environment of a server that signs people in here. */
  get environment(): Record<string, string> {
    return {
      GOOGLE_CLIENT_ID: 'parley-tests',
      GOOGLE_CLIENT_SECRET: 'not a secret',
      GOOGLE_AUTHORIZATION_URL: `${this.origin}/authorize`,
      GOOGLE_TOKEN_URL: `${this.origin}/token`,
      GOOGLE_USERINFO_URL: `${this.origin}/userinfo`,
    };
  }

  /** Answers like this from now on. */
  async behave(behaviour: ProviderBehaviour): Promise<void> {
    const ready = new Promise<void>((resolve) => {
      const listen = (told: Told) => {
        if (!told.ready) return;
        this.child.off('message', listen);
        resolve();
      };
      this.child.on('message', listen);
    });
    this.child.send(behaviour);
    await ready;
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.disconnect();
    await ended;
  }
}
