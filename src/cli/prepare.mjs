// Brings a checkout to where the server can run: packages, generated Prisma client, build. Each step only when it is
// due. Runs on the machine's own Node, whatever its age, before anything is installed: plain JavaScript, no packages.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** V8 would let what is young grow to 64 MB, and with it a busy server to twice the memory; the answers are no slower for this. */
export const SERVER_FLAGS = ['--max-semi-space-size=8'];
const BIN = join(ROOT, 'node_modules', '.bin');
const OLDEST_NODE = [24, 9];
const SIGN_OF_LIFE_MS = 10_000;

/** @throws a StepError when a step fails; it has been explained on stderr */
export async function prepare({ build = true } = {}) {
  if (!isInstalled()) await install();
  await whenChanged('generate', generatorInputs(), ['src/prisma/generated/client.ts'], () =>
    step('Generating the Prisma client', node(), [
      join('node_modules', 'prisma', 'build', 'index.js'),
      ...['generate', '--config', '.config/prisma.ts', '--no-hints'],
    ]),
  );
  if (build) await whenChanged('build', buildInputs(), ['dist/main.js', 'dist/bundle/server.js'], compile);
}

/** The Node that the packages brought, or ours when it is recent enough. */
export function node() {
  const own = join(BIN, 'node');
  if (existsSync(own)) return own;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return process.execPath;
  throw new StepError(
    `Node ${OLDEST_NODE.join('.')} or newer is needed, this is ${process.versions.node}. The packages bring one unless npm runs no install scripts; then: npm rebuild node`,
  );
}

/** The environment of everything that is started from here. */
export function environment() {
  return {
    ...process.env,
    PATH: [BIN, process.env.PATH].filter(Boolean).join(delimiter),
    // Prisma's command line looks for an engine to download. Nothing here uses it, any existing file will do.
    PRISMA_SCHEMA_ENGINE_BINARY: process.env.PRISMA_SCHEMA_ENGINE_BINARY ?? process.execPath,
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    CHECKPOINT_DISABLE: '1',
  };
}

export class StepError extends Error {}

/** Runs a program to its end. Says what it does and, during long silences, that it still does it. */
export async function step(label, command, args) {
  console.log(`${label} …`);
  const begin = Date.now();
  const seconds = () => Math.round((Date.now() - begin) / 1000);
  const signs = setInterval(() => console.log(`${label} … ${seconds()} s`), SIGN_OF_LIFE_MS);
  const code = await run(command, args);
  clearInterval(signs);
  if (code !== 0) throw new StepError(`${label} failed (code ${code})`);
}

/** Runs a program with our terminal, passes signals on and waits for it whatever happens. Returns its exit code. */
export function run(command, args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit', env: { ...environment(), ...env } });
    const forward = (signal) => child.kill(signal);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, forward);
    const finish = (code) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeListener(signal, forward);
      resolve(code);
    };
    child.on('error', (error) => {
      console.error(`${command}: ${error.message}`);
      finish(127);
    });
    child.on('exit', (code, signal) => finish(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}

/** Runs `main` and exits with the code that it returns. */
export async function runToExit(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(error instanceof StepError ? error.message : error);
    process.exitCode = 1;
  }
}

/** Whether node_modules holds what the lock file says; packages for other systems may be missing. */
function isInstalled() {
  const wanted = readPackages('package-lock.json');
  const found = readPackages('node_modules/.package-lock.json');
  if (!found) return false;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || found[path]?.version === version || (optional && !found[path]),
  );
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(join(ROOT, file), 'utf8')).packages;
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

async function install() {
  const folder = join(ROOT, 'node_modules');
  if (existsSync(folder) && lstatSync(folder).isSymbolicLink())
    throw new StepError('node_modules is a link to packages of another version; install there, or remove the link.');
  // The npm that runs us, if one does.
  const npm = process.env.npm_execpath;
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const label = 'Installing the packages, once (about a minute)';
  await (npm?.endsWith('.js') ? step(label, process.execPath, [npm, ...args]) : step(label, 'npm', args));
}

async function compile() {
  // Without its output, the compiler's memory of it is wrong.
  if (!existsSync(join(ROOT, 'dist', 'main.js'))) rmSync(join(ROOT, 'tsconfig.tsbuildinfo'), { force: true });
  await step('Building', node(), [join('node_modules', '@nestjs', 'cli', 'bin', 'nest.js'), 'build']);
  await step('Bundling', node(), [join('src', 'cli', 'bundle.mjs')]);
}

/** Does `work` unless it was done for the same inputs and its outputs are still there. */
async function whenChanged(name, inputs, outputs, work) {
  const marker = join(ROOT, '.cache', name);
  const digest = hash(inputs);
  const done = existsSync(marker) && readFileSync(marker, 'utf8') === digest;
  if (done && outputs.every((file) => existsSync(join(ROOT, file)))) return;
  await work();
  mkdirSync(dirname(marker), { recursive: true });
  writeFileSync(marker, digest);
}

function generatorInputs() {
  return ['prisma/schema.prisma', '.config/prisma.ts', 'package-lock.json'];
}

function buildInputs() {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.spec.ts'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(ROOT.length))
    .filter((file) => !file.startsWith(join('src', 'prisma', 'generated')));
  return [...generatorInputs(), 'tsconfig.json', 'nest-cli.json', 'src/cli/bundle.mjs', ...sources.sort()];
}

function hash(files) {
  const digest = createHash('sha256');
  for (const file of files)
    digest
      .update(`${file}\0`)
      .update(readFileSync(join(ROOT, file)))
      .update('\0');
  return digest.digest('hex');
}
