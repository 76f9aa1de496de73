import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import type { Credentials, NewUser, User } from './user.js';
import { UsersRepository } from './users.repository.js';

/** What signing in needs to know and to change about people. */
@Injectable()
export class AccountsService {
  constructor(private readonly users: UsersRepository) {}

  /** @throws AppError EMAIL_TAKEN, also for a Google account that belongs to somebody */
  async create(user: NewUser): Promise<User> {
    const created = await this.users.create(user);
    if (!created) throw new AppError('EMAIL_TAKEN');
    return created;
  }

  findCredentials(email: string): Promise<Credentials | null> {
    return this.users.findCredentials(email);
  }

  findCredentialsOfGoogleAccount(googleSubject: string): Promise<Credentials | null> {
    return this.users.findCredentialsOfGoogleAccount(googleSubject);
  }

  /** Whether the person is linked now: active, and without another Google account. */
  linkGoogleAccount(userId: string, googleSubject: string): Promise<boolean> {
    return this.users.linkGoogleAccount(userId, googleSubject);
  }

  replacePasswordHash(userId: string, from: string, to: string): Promise<void> {
    return this.users.replacePasswordHash(userId, from, to);
  }

  /** Lets somebody in, or not any more; live sign-ins are the caller's matter. */
  setActive(userId: string, isActive: boolean): Promise<void> {
    return this.users.setActive(userId, isActive);
  }

  /** @throws AppError USER_NOT_FOUND */
  async rename(userId: string, name: string): Promise<void> {
    if (!(await this.users.update(userId, { name }))) throw new AppError('USER_NOT_FOUND');
  }

  recordSignIn(userId: string): Promise<void> {
    return this.users.recordSignIn(userId);
  }
}
