import { createServer } from 'node:net';

/** A loopback port that nobody listens on: `wanted` if it is free, else any. */
export async function freePort(wanted?: number): Promise<number> {
  return (wanted && (await listenOnce(wanted))) || (await listenOnce(0)) || Promise.reject(new Error('no free port'));
}

function listenOnce(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : null));
    });
  });
}
