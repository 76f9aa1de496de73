// npm test [suite …]: installs and builds what is missing and runs the suites (all unless named). A file that fails is
// run once more, alone and on an idle machine, and named if it passes then. The last line counts.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { node, prepare, run, runToExit } from '../src/cli/prepare.mjs';

/** More red files than this are no accident of a busy machine. */
const MOST_SECOND_RUNS = 4;

await runToExit(async () => {
  const suites = process.argv.slice(2);
  await prepare();
  const folder = mkdtempSync(join(tmpdir(), 'parley-results-'));
  try {
    const results = await jest(folder, 'first', [...(suites.length > 0 ? ['--selectProjects', ...suites] : [])]);
    const red = results.filter((file) => file.failed > 0);
    if (red.length > 0 && red.length <= MOST_SECOND_RUNS) {
      const again = await jest(folder, 'second', ['--runInBand', '--runTestsByPath', ...red.map((file) => file.name)]);
      for (const file of red) {
        const second = again.find((other) => other.name === file.name);
        if (!second) continue;
        if (second.failed === 0) console.log(`passed only when run a second time: ${file.name}`);
        Object.assign(file, second);
      }
    }
    const passed = sum(results, 'passed');
    const failed = sum(results, 'failed');
    console.log(`${passed} passed, ${failed} failed`);
    return failed > 0 || passed === 0 ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

async function jest(folder, name, args) {
  const file = join(folder, `${name}.json`);
  const code = await run(node(), [
    ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'],
    ...['--config', 'test/jest.config.mjs', '--json', '--outputFile', file, '--testLocationInResults=false'],
    ...args,
  ]);
  const files = counted(file);
  // It failed without a failed test: the run itself broke off.
  return code !== 0 && sum(files, 'failed') === 0
    ? [...files, { name: 'the run itself', passed: 0, failed: 1 }]
    : files;
}

/** A suite that cannot even be loaded counts as one failure, and so does each test that is skipped. */
function counted(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).testResults.map(({ name, status, assertionResults }) => {
      const passed = assertionResults.filter((test) => test.status === 'passed').length;
      const failed = assertionResults.length - passed;
      return { name, passed, failed: failed === 0 && status === 'failed' ? 1 : failed };
    });
  } catch {
    return [];
  }
}

function sum(files, key) {
  return files.reduce((total, file) => total + file[key], 0);
}
