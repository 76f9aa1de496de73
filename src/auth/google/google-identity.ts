import type { Profile } from 'passport-google-oauth20';
import { textProblem } from '../../common/validation/text.js';
import { MAX_EMAIL_LENGTH } from '../dto/email.decorator.js';
import { normalEmail } from '../normal-email.js';

/** A person as Google vouches for. */
export interface GoogleIdentity {
  /** Never reassigned, unlike an email. */
  subject: string;
  email: string | null;
  isEmailVerified: boolean;
  name: string | null;
  firstName: string | null;
  lastName: string | null;
  avatarUrl: string | null;
}

const CLOCK_TOLERANCE_S = 30;

/** Reads the userinfo answer; nothing in it is trusted to have the right type. @throws Error without a subject */
export function readIdentity(profile: Profile): GoogleIdentity {
  const info = profile._json as unknown as Record<string, unknown>;
  const subject = text(info['sub'], 255);
  if (subject === null) throw new Error('userinfo without sub');
  const email = text(info['email'], MAX_EMAIL_LENGTH);
  return {
    subject,
    email: email && normalEmail(email),
    isEmailVerified: info['email_verified'] === true,
    name: text(info['name'], 100),
    firstName: text(info['given_name'], 100),
    lastName: text(info['family_name'], 100),
    avatarUrl: webAddress(info['picture']),
  };
}

/**
 * Checks an id token that came straight from the token endpoint; its signature adds nothing there (OpenID Connect Core
 * 3.1.3.7, 6). @throws Error when it is for somebody, something or some time else
 */
export function assertIdToken(
  idToken: string,
  wanted: { clientId: string; nonce: string; subject: string; authorizationUrl: string },
  now: number,
): void {
  const claims = JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString()) as Record<
    string,
    unknown
  >;
  const { iss, aud, sub, exp, nonce } = claims;
  const audiences: unknown[] = Array.isArray(aud) ? aud : [aud];
  const provider = new URL(wanted.authorizationUrl);
  if (!audiences.includes(wanted.clientId)) throw new Error('id token for another client');
  if (nonce !== wanted.nonce) throw new Error('id token of another attempt');
  if (typeof exp !== 'number' || (exp + CLOCK_TOLERANCE_S) * 1_000 < now) throw new Error('id token has expired');
  if (!isIssuer(iss, provider)) throw new Error('id token of another issuer');
  // A stand-in without TLS is for trying things out; common ones name one fixed person in every id token.
  if (sub !== wanted.subject && provider.protocol === 'https:') throw new Error('id token about somebody else');
}

/** The issuer lives where people are sent to sign in. Google spells it without a scheme at times. */
function isIssuer(issuer: unknown, provider: URL): boolean {
  if (typeof issuer !== 'string') return false;
  const url = URL.parse(issuer.includes('://') ? issuer : `https://${issuer}`);
  return url !== null && originOf(url) === originOf(provider);
}

/** One name for this machine, which has several. */
function originOf({ protocol, hostname, port }: URL): string {
  return `${protocol}//${hostname.replace(/^(127\.0\.0\.1|\[::1\])$/, 'localhost')}:${port}`;
}

function text(value: unknown, max: number): string | null {
  return textProblem(value, 1, max) === null ? (value as string).trim() : null;
}

function webAddress(value: unknown): string | null {
  const address = text(value, 2048);
  return address && /^https?:$/.test(URL.parse(address)?.protocol ?? '') ? address : null;
}
