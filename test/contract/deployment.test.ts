import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ENV_KEYS, parseEnv } from '../../src/config/env.schema.js';
import { TestApp } from '../support/app.js';
import { RedisServer } from '../support/redis-server.js';
import { readYaml } from '../support/yaml.js';

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');

interface Service {
  image?: string;
  environment?: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
  volumes?: string[];
}
const compose = readYaml(read('docker-compose.yml'))[0] as { services: Record<string, Service> };
const nodes = Object.entries(compose.services).filter(([name]) => name.startsWith('parley'));

/** As docker compose fills in `${NAME}`, `${NAME:-default}` and `${NAME:?why}`. */
const filledIn = (text: string) =>
  text.replaceAll(/\$\{(\w+)(?:(:-|:\?)([^}]*))?\}/g, (_, name: string, kind?: string, rest?: string) =>
    kind === ':-' ? (rest ?? '') : `${name} that somebody has made up well enough`,
  );

describe('docker-compose.yml', () => {
  it('has two nodes with one configuration, whose keys are all known and whose values are valid', () => {
    expect(nodes).toHaveLength(2);
    for (const [, { environment = {} }] of nodes) {
      expect(Object.keys(environment).filter((key) => !(key in ENV_KEYS))).toEqual([]);
      const values = Object.entries(environment).map(([key, value]) => [key, filledIn(value)] as const);
      const env = parseEnv({ NODE_ENV: 'production', ...Object.fromEntries(values) });
      expect(env).toMatchObject({ REDIS_URL: 'redis://redis:6379', DB_HOST: 'postgres', TRUST_PROXY: 1 });
      expect(environment).toEqual(nodes[0]![1].environment);
    }
  });

  it('takes every image by its version', () => {
    for (const { image } of Object.values(compose.services)) expect(image).toMatch(/^[a-z]+:\d+\.\d+/);
    for (const [, image] of read('Dockerfile').matchAll(/^FROM (\S+)/gm)) expect(image).toMatch(/:\d+\.\d+\.\d+-/);
  });

  it('gives nginx what its template asks for, and every node', () => {
    const { environment = {}, volumes = [], depends_on: waits = {} } = compose.services['nginx']!;
    const template = read('docs/deployment/nginx.conf.template');
    const asked = [...template.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name!);
    expect(asked.filter((name) => !(name in environment))).toEqual([]);
    expect(asked.filter((name) => !new RegExp(environment['NGINX_ENVSUBST_FILTER']!).test(name))).toEqual([]);
    expect(volumes[0]).toMatch(/^\.\/docs\/deployment\/nginx\.conf\.template:\/etc\/nginx\/templates\//);
    for (const [name] of nodes) {
      expect(environment['PARLEY_SERVERS']).toContain(`server ${name}:3001 max_fails=0`);
      expect(waits[name]).toEqual({ condition: 'service_healthy' });
    }
  });
});

describe('docs/deployment/kubernetes.yaml', () => {
  it('configures with known keys only and asks the addresses that are there', () => {
    const documents = readYaml(read('docs/deployment/kubernetes.yaml')) as {
      kind: string;
      data?: object;
      stringData?: object;
    }[];
    const keys = documents.flatMap(({ data, stringData }) => Object.keys({ ...data, ...stringData }));
    expect(keys.length).toBeGreaterThan(4);
    expect(keys.filter((key) => !(key in ENV_KEYS))).toEqual([]);
    expect(documents.map(({ kind }) => kind)).toEqual([
      'Secret',
      'ConfigMap',
      'Deployment',
      'PodDisruptionBudget',
      'Service',
      'Ingress',
    ]);
  });
});

describe('what watches the nodes', () => {
  let redis: RedisServer;
  let app: TestApp;
  let known: Set<string>;

  beforeAll(async () => {
    redis = await RedisServer.start();
    app = await TestApp.start({ REDIS_URL: redis.url });
    const page = await (await fetch(`${app.url}/metrics`)).text();
    const types = [...page.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, type]) => [name!, type!] as const);
    const parts = ['_bucket', '_sum', '_count'];
    known = new Set(
      types.flatMap(([name, type]) => (type === 'histogram' ? parts.map((part) => name + part) : [name])),
    );
  });
  afterAll(async () => {
    await app.close();
    await redis.kill();
  });

  const unknownIn = (expressions: readonly string[]) =>
    expressions
      .flatMap((text) => text.match(/\b(?:parley|nodejs|process)_\w+/g) ?? [])
      .filter((name) => !known.has(name));

  it('is told by the alert rules only of figures that there are', () => {
    const [file] = readYaml(read('docs/deployment/prometheus-rules.yml')) as [
      { groups: { rules: { alert: string; expr: string; annotations: { summary: string } }[] }[] },
    ];
    const rules = file.groups.flatMap((group) => group.rules);
    expect(rules.length).toBeGreaterThan(10);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { expr, annotations } of rules) expect([expr, annotations.summary]).not.toContain('');
    expect(unknownIn(rules.map(({ expr }) => expr))).toEqual([]);
  });

  it('is shown by the dashboard only figures that there are', () => {
    const dashboard = JSON.parse(read('docs/deployment/grafana-dashboard.json')) as {
      panels: { id: number; targets: { expr: string }[] }[];
    };
    const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    expect(expressions.length).toBeGreaterThan(15);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    expect(unknownIn(expressions)).toEqual([]);
  });
});
