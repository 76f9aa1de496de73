import { Agent, request } from 'node:http';
import { percentile } from './figures.js';

const CONNECTIONS = 16;

export interface PageLoad {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

/** Asks for pages over 16 connections, each for the next when it has the last. */
export async function loadPages(port: number, token: string, path: () => string, forMs: number): Promise<PageLoad> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const ask = () =>
    new Promise<void>((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}` };
      request({ host: '127.0.0.1', port, path: path(), agent, headers }, (answer) => {
        answer.on('error', reject).on('end', () => {
          if (answer.statusCode === 200) resolve();
          else reject(new Error(`A page was answered with ${answer.statusCode}`));
        });
        answer.resume();
      })
        .on('error', reject)
        .end();
    });
  const run = async (until: number, delays: number[]) => {
    const one = async () => {
      while (performance.now() < until) {
        const at = performance.now();
        await ask();
        delays.push(performance.now() - at);
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, one));
  };
  await run(performance.now() + forMs / 3, []);
  const delays: number[] = [];
  const begin = performance.now();
  await run(begin + forMs, delays);
  const seconds = (performance.now() - begin) / 1000;
  agent.destroy();
  return { perSecond: delays.length / seconds, p50Ms: percentile(delays, 0.5), p99Ms: percentile(delays, 0.99) };
}
