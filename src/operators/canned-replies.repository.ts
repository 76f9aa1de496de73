import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import { newId } from '../common/ids.js';
import { PrismaService } from '../prisma/prisma.service.js';
import { hasSqlState } from '../prisma/sql-state.js';
import type { CannedReply, CannedReplyChanges } from './canned-reply.js';

const UNIQUE_VIOLATION = '23505';
const MOST = 1000;

@Injectable()
export class CannedRepliesRepository {
  constructor(private readonly prisma: PrismaService) {}

  list(): Promise<CannedReply[]> {
    return this.prisma.db.cannedReply.findMany({ orderBy: [{ title: 'asc' }, { id: 'asc' }], take: MOST });
  }

  find(id: string): Promise<CannedReply | null> {
    return this.prisma.db.cannedReply.findUnique({ where: { id } });
  }

  /** @throws AppError SHORTCUT_TAKEN */
  create(createdById: string, reply: { title: string; text: string; shortcut: string | null }): Promise<CannedReply> {
    return shortcutMustBeFree(this.prisma.db.cannedReply.create({ data: { id: newId(), createdById, ...reply } }));
  }

  /** @throws AppError SHORTCUT_TAKEN */
  async update(id: string, { title, text, shortcut }: CannedReplyChanges): Promise<CannedReply | null> {
    const data = {
      ...(title === undefined ? {} : { title }),
      ...(text === undefined ? {} : { text }),
      ...(shortcut === undefined ? {} : { shortcut }),
    };
    const [updated] = await shortcutMustBeFree(this.prisma.db.cannedReply.updateManyAndReturn({ where: { id }, data }));
    return updated ?? null;
  }

  async remove(id: string): Promise<boolean> {
    return (await this.prisma.db.cannedReply.deleteMany({ where: { id } })).count > 0;
  }
}

async function shortcutMustBeFree<T>(query: Promise<T>): Promise<T> {
  try {
    return await query;
  } catch (error) {
    const isTaken = hasSqlState(error, UNIQUE_VIOLATION) || (error as { code?: string }).code === 'P2002';
    if (isTaken) throw new AppError('SHORTCUT_TAKEN', { cause: error });
    throw error;
  }
}
