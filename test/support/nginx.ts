import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../src/prisma/embedded/free-port.js';
import { temporaryFolder } from './database.js';
import { eventually } from './eventually.js';

/** What docker-compose.yml gives to its nginx, too. */
const TEMPLATE = fileURLToPath(new URL('../../docs/deployment/nginx.conf.template', import.meta.url));

/** Debian's nginx with the configuration that is shipped, in front of servers on these ports of loopback. */
export class Nginx {
  private constructor(
    readonly port: number,
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {}

  static async start(upstreams: readonly number[]): Promise<Nginx> {
    const folder = temporaryFolder('nginx-');
    const port = await freePort();
    writeFileSync(join(folder, 'nginx.conf'), mainFile(folder));
    writeFileSync(join(folder, 'site.conf'), site(port, upstreams));
    const child = spawn(
      '/usr/sbin/nginx',
      ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'log')],
      {
        stdio: 'ignore',
      },
    );
    const nginx = new Nginx(port, child, folder);
    await eventually(async () => {
      if (child.exitCode !== null) throw new Error(`nginx ended:\n${nginx.log}`);
      return fetch(nginx.url).then(
        (response) => response.arrayBuffer().then(() => true),
        () => false,
      );
    });
    return nginx;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What it complained about, and each request with its upstreams. */
  get log(): string {
    return readFileSync(join(this.folder, 'log'), 'utf8');
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const closed = once(this.child, 'close');
    this.child.kill('SIGTERM');
    await closed;
  }
}

/** As the image of nginx fills it in. */
function site(port: number, upstreams: readonly number[]): string {
  const values: Record<string, string> = {
    PARLEY_LISTEN: `127.0.0.1:${port}`,
    PARLEY_RESOLVER: '127.0.0.1',
    PARLEY_SERVERS: upstreams.map((upstream) => `server 127.0.0.1:${upstream} max_fails=0;`).join('\n  '),
  };
  return readFileSync(TEMPLATE, 'utf8').replaceAll(/\$\{(PARLEY_\w+)\}/g, (_, name: string) => values[name]!);
}

/** The part that belongs to the machine and not to Parley. */
function mainFile(folder: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${join(folder, kind)};`)
    .join('\n  ');
  return `${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 1;
pid ${join(folder, 'pid')};
error_log ${join(folder, 'log')} notice;
events { worker_connections 4096; }
http {
  ${temporary}
  log_format upstreams '$request_method $uri $status upstream=$upstream_addr/$upstream_status';
  access_log ${join(folder, 'access')} upstreams;
  include ${join(folder, 'site.conf')};
}
`;
}
