// Loaded before a server (node --expose-gc --import): what is no longer used does not count as memory of its connections.
import { setTimeout } from 'node:timers';

process.on('SIGUSR2', () => {
  globalThis.gc();
  setTimeout(() => globalThis.gc(), 100);
});
