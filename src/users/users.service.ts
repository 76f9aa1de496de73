import { Injectable } from '@nestjs/common';
import { hasRole, type Actor } from '../common/actor.js';
import { AppError } from '../common/errors/app-error.js';
import { decodeIdCursor, toPage, type Page } from '../common/pagination/page.js';
import { displayName, type Person, type ProfileFields, type User } from './user.js';
import { UsersRepository } from './users.repository.js';

export interface PeopleQuery {
  /** Part of a name; without it admins get everybody, whole. */
  search?: string;
  limit: number;
  cursor?: string;
}

/** People and their profiles. */
@Injectable()
export class UsersService {
  constructor(private readonly users: UsersRepository) {}

  /** @throws AppError USER_NOT_FOUND */
  async get(id: string): Promise<User> {
    return found(await this.users.find(id));
  }

  /** Those of `ids` that have an active account. For transactions that give people a place: none of them is erased before the end. */
  lockPresent(ids: readonly string[]): Promise<Set<string>> {
    return this.users.lockPresent(ids);
  }

  /** Changes the given fields and leaves the others alone. */
  async updateProfile(actor: Actor, fields: Partial<ProfileFields>): Promise<User> {
    return found(await this.users.update(actor.userId, fields));
  }

  /** @throws AppError FORBIDDEN when somebody who is no admin asks for everybody */
  async list(actor: Actor, { search, limit, cursor }: PeopleQuery): Promise<Page<User> | Page<Person>> {
    const after = cursor === undefined ? undefined : decodeIdCursor(cursor);
    if (search !== undefined) {
      const people = await this.users.searchByName(search.trim(), limit + 1, after);
      return toPage(people, limit, ({ id }) => [id]).map((user) => ({ id: user.id, name: displayName(user) }));
    }
    if (!hasRole(actor.role, 'admin')) throw new AppError('FORBIDDEN');
    return toPage(await this.users.list(limit + 1, after), limit, ({ id }) => [id]);
  }
}

function found(user: User | null): User {
  if (!user) throw new AppError('USER_NOT_FOUND');
  return user;
}
