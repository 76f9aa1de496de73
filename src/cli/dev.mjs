// npm run dev: compiles what changes and restarts the server after each compilation without errors.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ROOT, environment, node, prepare, runToExit } from './prepare.mjs';

/** Running answers end quickly here: whoever saves a file wants to see it. */
const env = { ...environment(), SHUTDOWN_GRACE_MS: process.env.SHUTDOWN_GRACE_MS ?? '500' };

await runToExit(async () => {
  await prepare({ build: false });
  let server = null;
  let stopping = false;
  let restart = Promise.resolve();

  const stopServer = async () => {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGTERM');
    await ended;
  };
  const startServer = async () => {
    await stopServer();
    if (!stopping)
      server = spawn(node(), ['--enable-source-maps', 'dist/server.js'], { cwd: ROOT, stdio: 'inherit', env });
  };

  const compiler = spawn(node(), ['node_modules/@nestjs/cli/bin/nest.js', 'build', '--watch'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  });
  compiler.stdout.setEncoding('utf8').on('data', (text) => {
    process.stdout.write(text);
    if (text.includes('Found 0 errors')) restart = restart.then(startServer);
  });
  const compilerEnded = once(compiler, 'exit');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => {
      stopping = true;
      compiler.kill('SIGTERM');
    });
  await compilerEnded;
  await restart;
  await stopServer();
  return stopping ? 0 : 1;
});
