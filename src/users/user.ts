import type { Role } from '../common/actor.js';

/** A person with an account, as features know them. */
export interface User {
  id: string;
  /** Lower case; null for a person whom Google knows without an email. */
  email: string | null;
  name: string | null;
  firstName: string | null;
  lastName: string | null;
  username: string | null;
  avatarUrl: string | null;
  role: Role;
  isActive: boolean;
  createdAt: Date;
  lastLoginAt: Date | null;
}

/** What people may say about themselves. */
export interface ProfileFields {
  name: string | null;
  firstName: string | null;
  lastName: string | null;
  username: string | null;
  avatarUrl: string | null;
}

export interface NewUser extends Partial<ProfileFields> {
  id: string;
  email: string | null;
  passwordHash?: string | null;
  googleSubject?: string | null;
  role?: Role;
}

/** What proves who somebody is; never leaves the server. */
export interface Credentials {
  userId: string;
  passwordHash: string | null;
  googleSubject: string | null;
  isActive: boolean;
}

/** What others see of a person. */
export interface Person {
  id: string;
  name: string;
}

/** The name that others see; never an email. */
export function displayName(user: Pick<User, 'name' | 'firstName' | 'lastName' | 'username'>): string {
  const full = [user.firstName, user.lastName].filter(Boolean).join(' ');
  return user.name ?? (full || user.username) ?? '';
}
