import type { Page } from '../../common/pagination/page.js';
import type { Person, User } from '../user.js';
import { MeResponse } from './me.dto.js';

/** What others see of a person. */
export class PersonResponse {
  id: string;
  name: string;
}

/** A person as admins see the account. */
export class UserResponse extends MeResponse {
  isActive: boolean;

  static override from(user: User): UserResponse {
    return { ...MeResponse.from(user), isActive: user.isActive };
  }
}

/** Rows of a list, which are whole for admins and short for everybody else. */
export function toUserRows(page: Page<User> | Page<Person>): Page<UserResponse | PersonResponse> {
  return (page as Page<User | Person>).map((row) => ('role' in row ? UserResponse.from(row) : row));
}
