import type { ErrorCode } from '../../common/errors/error-catalogue.js';
import type { TokenPair } from '../token-pair.js';

/** Where the redirect back to the page carries the tokens. A fragment is never sent to a server. */
export const ANSWER_MODES = ['fragment', 'query'] as const;
export type AnswerMode = (typeof ANSWER_MODES)[number];

/** The page's address with the tokens of a sign-in that worked. */
export function tokensAddress(
  page: string,
  mode: AnswerMode,
  { accessToken, refreshToken, expiresIn }: TokenPair,
): string {
  return withParameters(page, mode, { accessToken, refreshToken, tokenType: 'Bearer', expiresIn: String(expiresIn) });
}

/** The page's address with the code of the failure. */
export function failureAddress(page: string, mode: AnswerMode, error: ErrorCode): string {
  return withParameters(page, mode, { error });
}

function withParameters(page: string, mode: AnswerMode, parameters: Record<string, string>): string {
  const url = new URL(page);
  if (mode === 'fragment') url.hash = new URLSearchParams(parameters).toString();
  else for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}
