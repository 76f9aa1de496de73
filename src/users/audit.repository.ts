import { Injectable } from '@nestjs/common';
import { newId } from '../common/ids.js';
import { PrismaService } from '../prisma/prisma.service.js';
import type { AuditEntry, AuditFilter, AuditRecord } from './audit-record.js';

@Injectable()
export class AuditRepository {
  constructor(private readonly prisma: PrismaService) {}

  async add({ actorId, action, subjectId, data = {} }: AuditRecord): Promise<void> {
    await this.prisma.db.auditEntry.create({ data: { id: newId(), actorId, action, subjectId, data } });
  }

  /** The newest first, before the entry `beforeId`. */
  async list({ actorId, action, subjectId }: AuditFilter, limit: number, beforeId?: string): Promise<AuditEntry[]> {
    const rows = await this.prisma.db.auditEntry.findMany({
      where: {
        ...(actorId === undefined ? {} : { actorId }),
        ...(action === undefined ? {} : { action }),
        ...(subjectId === undefined ? {} : { subjectId }),
        ...(beforeId === undefined ? {} : { id: { lt: beforeId } }),
      },
      orderBy: { id: 'desc' },
      take: limit,
    });
    return rows.map((row) => ({ ...row, data: row.data as AuditEntry['data'] }));
  }
}
