import { Injectable } from '@nestjs/common';
import type { Actor } from '../../common/actor.js';
import { AppError } from '../../common/errors/app-error.js';
import type { User } from '../../users/user.js';
import { UsersService } from '../../users/users.service.js';

/** The own account, as far as this dialect knows it. */
@Injectable()
export class ApiV1ProfilesService {
  constructor(private readonly users: UsersService) {}

  get(actor: Actor): Promise<User> {
    return this.users.get(actor.userId);
  }

  /** Changes the username. @throws AppError VALIDATION_FAILED for another email, which the client would else believe changed */
  async update(actor: Actor, { username, email }: { username?: string; email?: string }): Promise<User> {
    const user = await this.users.get(actor.userId);
    if (email !== undefined && email !== user.email)
      throw new AppError('VALIDATION_FAILED', { message: 'email cannot be changed' });
    return username === undefined ? user : this.users.updateProfile(actor, { username });
  }
}
