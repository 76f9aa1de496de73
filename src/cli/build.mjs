// npm run build: prepares the checkout without starting anything.
import { prepare, runToExit } from './prepare.mjs';

await runToExit(async () => {
  await prepare();
  return 0;
});
