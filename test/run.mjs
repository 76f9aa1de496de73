// npm test [suite …]: installs and builds what is missing and runs the suites (all unless named). The last line counts.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { node, prepare, run, runToExit } from '../src/cli/prepare.mjs';

await runToExit(async () => {
  const suites = process.argv.slice(2);
  await prepare();
  const folder = mkdtempSync(join(tmpdir(), 'parley-results-'));
  const results = join(folder, 'results.json');
  const code = await run(node(), [
    ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'],
    ...['--config', 'test/jest.config.mjs', '--json', '--outputFile', results, '--testLocationInResults=false'],
    ...(suites.length > 0 ? ['--selectProjects', ...suites] : []),
  ]);
  const { passed, failed } = count(results);
  rmSync(folder, { recursive: true, force: true });
  console.log(`${passed} passed, ${failed} failed`);
  return failed > 0 || passed === 0 ? 1 : code;
});

/** A suite that cannot even be loaded counts as one failure, and so does each test that is skipped. */
function count(file) {
  try {
    const result = JSON.parse(readFileSync(file, 'utf8'));
    return {
      passed: result.numPassedTests,
      failed: result.numFailedTests + result.numRuntimeErrorTestSuites + result.numPendingTests + result.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 1 };
  }
}
