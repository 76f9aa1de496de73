/** What a person may do, from least to most. */
export const ROLES = ['user', 'operator', 'senior_operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** On whose behalf something happens: every door turns its credentials into one of these. */
export interface Actor {
  readonly userId: string;
  /** As the database has it now, not as a token once said. */
  readonly role: Role;
  /** The sign-in (refresh family) that the access token belongs to. */
  readonly signInId: string;
  /** When the access token ends, in ms since the epoch. */
  readonly expiresAt: number;
}

/** Whether the role is at least as high as the wanted one. */
export function hasRole(role: Role, atLeast: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(atLeast);
}
