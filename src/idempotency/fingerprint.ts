import { createHash } from 'node:crypto';
import { assertSafeShape } from '../common/validation/validate.js';

export type Fingerprint = Uint8Array<ArrayBuffer>;

/**
 * Tells whether two requests ask for the same: SHA-256 of the method, the address and the body, whatever the order of its keys.
 * @throws AppError VALIDATION_FAILED for a body that no handler would accept
 */
export function fingerprintOf(method: string, address: string, body: unknown): Fingerprint {
  // The body has not been validated yet, and what follows is recursive.
  assertSafeShape(body);
  const digest = createHash('sha256')
    .update(`${method} ${address}\n`)
    .update(canonicalJson(body) ?? '')
    .digest();
  return new Uint8Array(digest);
}

/** JSON with the keys of every object in order. */
function canonicalJson(value: unknown): string | undefined {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
