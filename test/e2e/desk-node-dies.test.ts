import { afterAll, afterEach, beforeAll, describe, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { Desk, type DeskClient } from '../support/desk.js';
import { DeskSocket } from '../support/desk-socket.js';
import { eventually } from '../support/eventually.js';
import { Rest } from '../support/person.js';
import { ServerProcess } from '../support/server-process.js';

const AWAY_AFTER_S = 2;

describe('operators whose node is killed', () => {
  let database: TestDatabase;
  let admin: DeskClient;
  let env: Record<string, string>;
  const nodes: ServerProcess[] = [];
  const sockets: DeskSocket[] = [];
  let people = 0;

  beforeAll(async () => {
    database = await createTestDatabase();
    env = {
      ...Desk.settings,
      DATABASE_URL: database.url,
      JWT_SECRET: 'a secret that all of the nodes know well',
      OPERATOR_AWAY_AFTER_S: String(AWAY_AFTER_S),
    };
  });
  afterEach(async () => {
    sockets.splice(0).forEach((socket) => socket.close());
    await Promise.all(nodes.splice(0).map((node) => node.stop()));
  });
  afterAll(() => database.drop());

  async function node(): Promise<ServerProcess> {
    const started = await ServerProcess.start(env);
    nodes.push(started);
    return started;
  }

  async function enter(url: string, who: DeskClient): Promise<DeskSocket> {
    const socket = await DeskSocket.enter(url, who.token);
    sockets.push(socket);
    return socket;
  }

  /** An operator who is online at a desk of this node. */
  async function atWork(url: string): Promise<DeskClient> {
    admin = await Desk.signIn(url, { email: env['ADMIN_EMAIL'] ?? '', password: env['ADMIN_PASSWORD'] ?? '' });
    const account = { email: `night${++people}@example.com`, password: `a long password of night ${people}` };
    await admin.post('/api/operators', { ...account, name: 'Night', role: 'operator' });
    const operator = await Desk.signIn(url, account);
    await enter(url, operator);
    await operator.me({ status: 'online' });
    return operator;
  }

  const statusOf =
    (operatorId: string, status: string) =>
    (it: { operatorId: string; status: string }): boolean =>
      it.operatorId === operatorId && it.status === status;

  it('become away by another node, and online again where they come back', async () => {
    const [a, b] = [await node(), await node()];
    const operator = await atWork(a.url);
    const watcher = await enter(b.url, admin);
    a.signal('SIGKILL');
    await a.exit;
    const killedAt = performance.now();
    await watcher.next('operator_status_change', statusOf(operator.id, 'away'));
    const seconds = (performance.now() - killedAt) / 1000;
    console.info(
      `killed: away after ${seconds.toFixed(1)} s by the other node (OPERATOR_AWAY_AFTER_S=${AWAY_AFTER_S})`,
    );
    const told = watcher.frames.length;
    await enter(b.url, operator);
    await watcher.until(() =>
      watcher.frames
        .slice(told)
        .find(({ type, data }) => type === 'operator_status_change' && 'status' in data && data.status === 'online'),
    );
  }, 60_000);

  it('are found by the same server after its restart, when no desk of theirs comes back', async () => {
    const first = await node();
    const [gone, back] = [await atWork(first.url), await atWork(first.url)];
    first.signal('SIGKILL');
    await first.exit;
    const second = await node();
    await enter(second.url, back);
    const statuses = async () => {
      const rest = new Rest(second.url, admin.token);
      const { body } = await rest.get<{ id: string; status: string }[]>('/api/operators');
      return [gone, back].map(({ id }) => body.find((it) => it.id === id)?.status).join();
    };
    await eventually(async () => (await statuses()) === 'away,online', 20_000);
  }, 60_000);
});
