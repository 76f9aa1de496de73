import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// What was compiled once is not compiled again with the next start; where nothing can be written, it is.
enableCompileCache(fileURLToPath(new URL('../.cache/compiled', import.meta.url)));

// The same server in few files, when it was built for use: it starts sooner and takes less memory.
const bundle = new URL('./bundle/server.js', import.meta.url);
await import((existsSync(bundle) ? bundle : new URL('./server.js', import.meta.url)).href);
