// npm start: prepares the checkout and runs the server in the foreground.
import { node, prepare, run, runToExit } from './prepare.mjs';

await runToExit(async () => {
  await prepare();
  return run(node(), ['--enable-source-maps', 'dist/main.js', ...process.argv.slice(2)]);
});
