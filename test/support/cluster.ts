import { freePort } from '../../src/prisma/embedded/free-port.js';
import { eventually } from './eventually.js';
import { Nginx } from './nginx.js';
import { OwnPostgres } from './own-postgres.js';
import { RedisServer } from './redis-server.js';
import { ScriptedOpenAi } from './scripted-openai.js';
import { ServerProcess, type Exit } from './server-process.js';

type Environment = Readonly<Record<string, string>>;

/** One server of a cluster; it keeps its port over its lives. */
export class ClusterNode {
  private process: ServerProcess | null = null;
  private earlier = '';

  constructor(
    readonly port: number,
    private readonly env: Environment,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Of all its lives. */
  get output(): string {
    return this.earlier + (this.process?.output ?? '');
  }

  async start(): Promise<void> {
    this.process = await ServerProcess.start({ ...this.env, PORT: String(this.port), LOG_LEVEL: 'warn' });
  }

  async isReady(): Promise<boolean> {
    return fetch(`${this.url}/health/ready`).then(
      (response) => response.arrayBuffer().then(() => response.ok),
      () => false,
    );
  }

  /** Other nodes that this one hears over Redis. */
  async others(): Promise<number> {
    const page = await (await fetch(`${this.url}/metrics`)).text();
    return Number(/^parley_other_nodes (\d+)$/m.exec(page)?.[1] ?? 0);
  }

  /** Without a goodbye; its connections are cut by the kernel. */
  async kill(): Promise<void> {
    const { process } = this;
    this.process = null;
    process?.signal('SIGKILL');
    await process?.exit;
  }

  /** As a rolling restart ends it. */
  async stop(): Promise<Exit | undefined> {
    const exit = await this.process?.stop();
    this.earlier += this.process?.output ?? '';
    this.process = null;
    return exit;
  }
}

export interface ClusterOptions {
  nodes?: number;
  env?: Environment;
  /** More for one node, by its index. */
  nodeEnv?: Readonly<Record<number, Environment>>;
}

/** The topology of docker-compose.yml as processes of this machine: nginx, servers, PostgreSQL, Redis; and a model. */
export class Cluster {
  private constructor(
    readonly nodes: readonly ClusterNode[],
    readonly nginx: Nginx,
    readonly postgres: OwnPostgres,
    readonly redis: RedisServer,
    readonly model: ScriptedOpenAi,
  ) {}

  static async start({ nodes = 2, env = {}, nodeEnv = {} }: ClusterOptions = {}): Promise<Cluster> {
    const [postgres, redis, model] = await Promise.all([
      OwnPostgres.start(),
      RedisServer.start(),
      ScriptedOpenAi.start(),
    ]);
    const shared = {
      DATABASE_URL: postgres.url,
      REDIS_URL: redis.url,
      JWT_SECRET: 'a secret that all of the nodes know well',
      TRUST_PROXY: '1',
      OPENAI_BASE_URL: model.baseUrl,
      OPENAI_API_KEY: 'any',
      RATE_LIMIT_MS: '0',
      ...env,
    };
    const ports = await Promise.all(Array.from({ length: nodes }, () => freePort()));
    const servers = ports.map((port, index) => new ClusterNode(port, { ...shared, ...nodeEnv[index] }));
    const nginx = await Nginx.start(ports);
    const cluster = new Cluster(servers, nginx, postgres, redis, model);
    try {
      await Promise.all(servers.map((server) => server.start()));
      await cluster.joined();
    } catch (error) {
      await cluster.close();
      throw error;
    }
    return cluster;
  }

  /** Where clients go. */
  get url(): string {
    return this.nginx.url;
  }

  node(index: number): ClusterNode {
    const node = this.nodes[index];
    if (!node) throw new Error(`There is no node ${index}`);
    return node;
  }

  /** Every node hears all others. */
  async joined(): Promise<void> {
    for (const node of this.nodes)
      await eventually(async () => (await node.others()) === this.nodes.length - 1, 20_000);
  }

  async close(): Promise<void> {
    await this.nginx.stop();
    await Promise.all(this.nodes.map((node) => node.kill()));
    await Promise.all([this.redis.kill(), this.model.stop(), this.postgres.remove()]);
  }
}
