// npm run check: everything that can be said about the sources without starting anything big; two checks at a time.
import { spawn } from 'node:child_process';
import { ROOT, environment, node, prepare, runToExit } from './prepare.mjs';

const CHECKS = [
  ['types', ['node_modules/typescript/bin/tsc', '-p', 'test/tsconfig.json', '--noEmit']],
  ['lint', ['node_modules/eslint/bin/eslint.js', '--config', '.config/eslint.config.mjs', '.']],
  ['format', ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.']],
  [
    'import rules',
    ['node_modules/dependency-cruiser/bin/dependency-cruiser.mjs', '--config', '.config/dependency-rules.cjs', 'src'],
  ],
  ['migrations', ['--import', './src/cli/typescript-loader.mjs', 'src/cli/db-check.ts']],
  [
    'unit tests',
    [
      ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'],
      ...['--config', 'test/jest.config.mjs', '--selectProjects', 'unit', '--silent', '--maxWorkers', '1'],
    ],
  ],
];

await runToExit(async () => {
  await prepare({ build: false });
  const waiting = [...CHECKS];
  const failed = [];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [name, args] = next;
      const begin = Date.now();
      const { code, output } = await capture(args);
      console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${((Date.now() - begin) / 1000).toFixed(1)} s)`);
      if (code === 0) continue;
      failed.push(name);
      console.log(output);
    }
  };
  await Promise.all([worker(), worker()]);
  console.log(failed.length === 0 ? 'All checks passed.' : `Failed: ${failed.join(', ')}`);
  return failed.length === 0 ? 0 : 1;
});

function capture(args) {
  return new Promise((resolve) => {
    const child = spawn(node(), args, { cwd: ROOT, env: environment() });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
