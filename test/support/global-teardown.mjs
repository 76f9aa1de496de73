import { once } from 'node:events';

export default async function globalTeardown() {
  const server = globalThis.parleyTestPostgres;
  const ended = once(server, 'exit');
  server.stdin.end();
  await ended;
}
