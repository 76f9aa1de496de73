// npm start: prepares the checkout and runs the server in the foreground.
import { SERVER_FLAGS, node, prepare, run, runToExit } from './prepare.mjs';

await runToExit(async () => {
  await prepare();
  return run(node(), [...SERVER_FLAGS, 'dist/main.js', ...process.argv.slice(2)]);
});
