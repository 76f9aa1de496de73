import { createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';

// Secrets that are handed out and looked up: 256 random bits as base64url. The database knows their SHA-256 only.

const OPAQUE = /^[\w-]{43}$/;

export const newOpaqueToken = (): string => randomBytes(32).toString('base64url');

/** Whether a text can be such a token at all; saves the database from being asked about anything else. */
export const isOpaqueToken = (text: unknown): text is string => typeof text === 'string' && OPAQUE.test(text);

export const hashOfToken = (token: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(createHash('sha256').update(token).digest());

/** The key that children of refresh tokens are derived with; independent of what signs the access tokens. */
export function rotationKey(jwtSecret: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', jwtSecret, '', 'parley refresh token rotation', 32));
}

/** The one child of a refresh token. It is derived, so that whoever shows the parent twice gets the same without it being stored. */
export function childOf(refreshToken: string, key: Uint8Array): string {
  return createHmac('sha256', key).update(refreshToken).digest('base64url');
}
