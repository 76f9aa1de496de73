import type { Role } from '../../common/actor.js';
import type { User } from '../user.js';

/** A person as he or she sees the own account. */
export class MeResponse {
  id: string;
  /** null for a person whom Google knows without an email. */
  email: string | null;
  name: string | null;
  firstName: string | null;
  lastName: string | null;
  username: string | null;
  avatarUrl: string | null;
  role: Role;
  createdAt: Date;
  lastLoginAt: Date | null;

  static from(user: User): MeResponse {
    const { id, email, name, firstName, lastName, username, avatarUrl, role, createdAt, lastLoginAt } = user;
    return { id, email, name, firstName, lastName, username, avatarUrl, role, createdAt, lastLoginAt };
  }
}
