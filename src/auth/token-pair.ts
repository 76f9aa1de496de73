/** What a person who has signed in holds. */
export interface TokenPair {
  accessToken: string;
  refreshToken: string;
  /** Life of the access token in seconds. */
  expiresIn: number;
}

/** From where somebody signs in. */
export interface ClientOrigin {
  /** The address that limits count by (see addressKey). */
  address: string;
  userAgent: string | null;
}
