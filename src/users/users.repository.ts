import { Injectable } from '@nestjs/common';
import type { Role } from '../common/actor.js';
import { Prisma } from '../prisma/generated/client.js';
import { PrismaService } from '../prisma/prisma.service.js';
import type { Credentials, NewUser, ProfileFields, User } from './user.js';

const USER = {
  id: true,
  email: true,
  name: true,
  firstName: true,
  lastName: true,
  username: true,
  avatarUrl: true,
  role: true,
  isActive: true,
  createdAt: true,
  lastLoginAt: true,
} satisfies Prisma.UserSelect;

const CREDENTIALS = { id: true, passwordHash: true, googleSubject: true, isActive: true } satisfies Prisma.UserSelect;

const EXISTS = { erasedAt: null } satisfies Prisma.UserWhereInput;

@Injectable()
export class UsersRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** Null when the email or the Google account already belongs to somebody. */
  async create(user: NewUser): Promise<User | null> {
    // One statement that does not fail: a failing one would spoil the transaction around it.
    const [created] = await this.prisma.db.user.createManyAndReturn({
      data: [user],
      skipDuplicates: true,
      select: USER,
    });
    return created ?? null;
  }

  find(id: string): Promise<User | null> {
    return this.prisma.db.user.findFirst({ where: { id, ...EXISTS }, select: USER });
  }

  findCredentials(email: string): Promise<Credentials | null> {
    return this.credentials({ email, ...EXISTS });
  }

  findCredentialsOfGoogleAccount(googleSubject: string): Promise<Credentials | null> {
    return this.credentials({ googleSubject, ...EXISTS });
  }

  /** Whether the person is active and has this one now: had none before, or the same. */
  async linkGoogleAccount(id: string, googleSubject: string): Promise<boolean> {
    const { count } = await this.prisma.db.user.updateMany({
      where: { id, OR: [{ googleSubject: null }, { googleSubject }], isActive: true, ...EXISTS },
      data: { googleSubject },
    });
    return count === 1;
  }

  /** Replaces the hash, unless somebody else did so meanwhile. */
  async replacePasswordHash(id: string, from: string, to: string): Promise<void> {
    await this.prisma.db.user.updateMany({ where: { id, passwordHash: from, ...EXISTS }, data: { passwordHash: to } });
  }

  async recordSignIn(id: string): Promise<void> {
    await this.prisma.db.$executeRaw`UPDATE users SET last_login_at = clock_timestamp() WHERE id = ${id}::uuid`;
  }

  async update(id: string, fields: Partial<ProfileFields>): Promise<User | null> {
    const [updated] = await this.prisma.db.user.updateManyAndReturn({
      where: { id, ...EXISTS },
      data: fields,
      select: USER,
    });
    return updated ?? null;
  }

  /** People whose name contains `text`, by id. */
  searchByName(text: string, limit: number, after?: string): Promise<User[]> {
    // Prisma hands `%` and `_` through to LIKE.
    const contains = { contains: text.replace(/[\\%_]/g, '\\$&'), mode: 'insensitive' } as const;
    return this.prisma.db.user.findMany({
      where: {
        ...EXISTS,
        isActive: true,
        ...(after === undefined ? {} : { id: { gt: after } }),
        OR: [{ name: contains }, { username: contains }, { firstName: contains }, { lastName: contains }],
      },
      orderBy: { id: 'asc' },
      take: limit,
      select: USER,
    });
  }

  list(limit: number, after?: string): Promise<User[]> {
    return this.prisma.db.user.findMany({
      where: { ...EXISTS, ...(after === undefined ? {} : { id: { gt: after } }) },
      orderBy: { id: 'asc' },
      take: limit,
      select: USER,
    });
  }

  /**
   * Locks a person's row until the end of the transaction. Rows that only refer to the person can still be written: whoever
   * writes them may hold what this transaction needs next.
   */
  async lock(id: string): Promise<{ role: Role } | null> {
    const [row] = await this.prisma.db.$queryRaw<{ role: Role }[]>`
      SELECT role::text FROM users WHERE id = ${id}::uuid AND erased_at IS NULL FOR NO KEY UPDATE`;
    return row ?? null;
  }

  /** Those of `ids` that have an active account; none of them can be erased until the transaction ends. */
  async lockPresent(ids: readonly string[]): Promise<Set<string>> {
    const rows = await this.prisma.db.$queryRaw<{ id: string }[]>`
      SELECT id FROM users WHERE id = ANY(${ids}::uuid[]) AND is_active AND erased_at IS NULL ORDER BY id FOR SHARE`;
    return new Set(rows.map(({ id }) => id));
  }

  /** Locks the admins' rows, so that of two who leave at once the second one sees that the first is gone. */
  async lockAdmins(): Promise<string[]> {
    const rows = await this.prisma.db.$queryRaw<{ id: string }[]>`
      SELECT id FROM users WHERE role = 'admin' AND is_active AND erased_at IS NULL ORDER BY id FOR UPDATE`;
    return rows.map(({ id }) => id);
  }

  async hasAdmin(): Promise<boolean> {
    const admin = await this.prisma.db.user.findFirst({
      where: { role: 'admin', isActive: true, ...EXISTS },
      select: { id: true },
    });
    return admin !== null;
  }

  async setRole(id: string, role: Role): Promise<User | null> {
    const [updated] = await this.prisma.db.user.updateManyAndReturn({
      where: { id, ...EXISTS },
      data: { role },
      select: USER,
    });
    return updated ?? null;
  }

  async setActive(id: string, isActive: boolean): Promise<void> {
    await this.prisma.db.user.updateMany({ where: { id, ...EXISTS }, data: { isActive } });
  }

  /** Empties everything personal; the row stays, so that what others see keeps its numbers. */
  async erase(id: string): Promise<void> {
    await this.prisma.db.idempotencyKey.deleteMany({ where: { userId: id } });
    await this.prisma.db.user.update({
      where: { id },
      data: {
        email: null,
        passwordHash: null,
        googleSubject: null,
        username: null,
        name: null,
        firstName: null,
        lastName: null,
        avatarUrl: null,
        lastLoginAt: null,
        lastSeenAt: null,
        role: 'user',
        isActive: false,
        erasedAt: new Date(),
      },
    });
  }

  private async credentials(where: Prisma.UserWhereInput): Promise<Credentials | null> {
    const row = await this.prisma.db.user.findFirst({ where, select: CREDENTIALS });
    if (!row) return null;
    const { id, ...rest } = row;
    return { userId: id, ...rest };
  }
}
