import { Injectable } from '@nestjs/common';
import { newId } from '../common/ids.js';
import { decodeTimeCursor, toPage, type Page } from '../common/pagination/page.js';
import type { Prisma } from '../prisma/generated/client.js';
import { PrismaService } from '../prisma/prisma.service.js';
import type { Group } from './group.js';

const SELECTED = {
  id: true,
  name: true,
  createdAt: true,
  updatedAt: true,
  _count: { select: { sessions: true } },
} as const satisfies Prisma.GroupSelect;

type Row = Prisma.GroupGetPayload<{ select: typeof SELECTED }>;

@Injectable()
export class GroupsRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** The person's groups, the oldest first. */
  async list(ownerId: string, limit: number, cursor: string | undefined): Promise<Page<Group>> {
    const rows = await this.prisma.db.group.findMany({
      where: { ownerId, ...(cursor === undefined ? {} : after(cursor)) },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      take: limit + 1,
      select: SELECTED,
    });
    return toPage(rows, limit, (row) => [row.createdAt.toISOString(), row.id]).map(toGroup);
  }

  async find(ownerId: string, id: string): Promise<Group | null> {
    const row = await this.prisma.db.group.findFirst({ where: { id, ownerId }, select: SELECTED });
    return row && toGroup(row);
  }

  async create(ownerId: string, name: string): Promise<Group> {
    return toGroup(await this.prisma.db.group.create({ data: { id: newId(), ownerId, name }, select: SELECTED }));
  }

  /** Whether there was one to rename. */
  async rename(ownerId: string, id: string, name: string): Promise<boolean> {
    const { count } = await this.prisma.db.group.updateMany({ where: { id, ownerId }, data: { name } });
    return count > 0;
  }

  /** Whether there was one to remove. Its sessions stay, without a group. */
  async remove(ownerId: string, id: string): Promise<boolean> {
    const { count } = await this.prisma.db.group.deleteMany({ where: { id, ownerId } });
    return count > 0;
  }

  async removeAllOf(ownerId: string): Promise<void> {
    await this.prisma.db.group.deleteMany({ where: { ownerId } });
  }
}

function after(cursor: string): Prisma.GroupWhereInput {
  const { at: createdAt, id } = decodeTimeCursor(cursor);
  return { createdAt: { gte: createdAt }, OR: [{ createdAt: { gt: createdAt } }, { id: { gt: id } }] };
}

const toGroup = ({ _count, ...group }: Row): Group => ({ ...group, sessionCount: _count.sessions });
