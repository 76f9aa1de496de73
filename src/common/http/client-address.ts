import type { IncomingMessage } from 'node:http';

/** The address of the client behind `proxies` reverse proxies of ours; what others wrote into X-Forwarded-For does not count. */
export function clientAddress(request: IncomingMessage, proxies: number): string {
  const direct = request.socket.remoteAddress ?? '';
  if (proxies === 0) return direct;
  const header = request.headers['x-forwarded-for'];
  const forwarded = (Array.isArray(header) ? header.join(',') : (header ?? ''))
    .split(',')
    .map((address) => address.trim())
    .filter(Boolean);
  // Each of our proxies appended the address that it saw; the direct peer is the last of them.
  return forwarded.at(-proxies) ?? forwarded[0] ?? direct;
}
