// npm run bench [-- --rounds 5 --only a1 --json file]: installs and builds what is missing and measures.
import { node, prepare, run, runToExit } from '../../src/cli/prepare.mjs';

await runToExit(async () => {
  await prepare();
  return run(node(), ['--import', './src/cli/typescript-loader.mjs', 'test/bench/main.ts', ...process.argv.slice(2)]);
});
