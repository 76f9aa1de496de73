import type { TokenPair } from '../token-pair.js';

export class TokenResponse {
  accessToken: string;
  /** Use it once, then use the one that came back. */
  refreshToken: string;
  tokenType: 'Bearer';
  /** Life of the access token in seconds. */
  expiresIn: number;

  static from({ accessToken, refreshToken, expiresIn }: TokenPair): TokenResponse {
    return { accessToken, refreshToken, tokenType: 'Bearer', expiresIn };
  }
}
