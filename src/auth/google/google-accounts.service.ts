import { Injectable } from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import { newId } from '../../common/ids.js';
import { UnitOfWork } from '../../prisma/unit-of-work.js';
import { AccountsService } from '../../users/accounts.service.js';
import { AuditLog } from '../../users/audit-log.service.js';
import type { Credentials } from '../../users/user.js';
import type { GoogleIdentity } from './google-identity.js';

/** Finds or makes the account of somebody who comes from Google. */
@Injectable()
export class GoogleAccountsService {
  constructor(
    private readonly accounts: AccountsService,
    private readonly audit: AuditLog,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** The person's id. @throws AppError OAUTH_FAILED when this Google account must not open any of ours */
  async resolve(identity: GoogleIdentity): Promise<string> {
    try {
      return await this.findOrMake(identity);
    } catch (error) {
      // Another answer for the same person was faster; now the account is there.
      if (error instanceof AppError && error.code === 'EMAIL_TAKEN') return this.findOrMake(identity);
      throw error;
    }
  }

  private async findOrMake(identity: GoogleIdentity): Promise<string> {
    return (await this.findOwn(identity)) ?? (await this.linkOrCreate(identity));
  }

  private async findOwn({ subject }: GoogleIdentity): Promise<string | null> {
    const account = await this.accounts.findCredentialsOfGoogleAccount(subject);
    if (account && !account.isActive) throw oauthFailed('the account is disabled');
    return account?.userId ?? null;
  }

  private async linkOrCreate(identity: GoogleIdentity): Promise<string> {
    const { subject, email, isEmailVerified, name, firstName, lastName, avatarUrl } = identity;
    // Whoever can make up an email at the provider must get neither the account of its owner nor the email.
    if (email !== null && !isEmailVerified) throw oauthFailed('the email is not verified');
    return this.unitOfWork.run(async () => {
      const existing = email === null ? null : await this.accounts.findCredentials(email);
      if (existing) return this.link(existing, subject);
      const profile = { name, firstName, lastName, avatarUrl };
      const created = await this.accounts.create({ id: newId(), email, googleSubject: subject, ...profile });
      return created.id;
    });
  }

  private async link({ userId, googleSubject }: Credentials, subject: string): Promise<string> {
    // Linked a moment ago, by another answer for the same person.
    if (googleSubject === subject) return userId;
    if (!(await this.accounts.linkGoogleAccount(userId, subject)))
      throw oauthFailed('the email belongs to another Google account or to a disabled account');
    await this.audit.record({ actorId: userId, action: 'user.google-linked', subjectId: userId });
    return userId;
  }
}

/** The one answer to every failure; the reason is for the log. */
export function oauthFailed(reason: unknown): AppError {
  return new AppError('OAUTH_FAILED', { cause: reason });
}
