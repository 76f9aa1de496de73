import type { Role } from '../common/actor.js';
import type { OperatorStatus } from '../events/domain-events.js';

/** A user whose role is operator or above, with what the desk keeps about them. */
export interface OperatorRecord {
  id: string;
  email: string | null;
  name: string | null;
  firstName: string | null;
  lastName: string | null;
  username: string | null;
  role: Role;
  isActive: boolean;
  status: OperatorStatus;
  maxChats: number;
  activeChats: number;
  lastActivityAt: Date | null;
  createdAt: Date;
}
