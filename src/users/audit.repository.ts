import { Injectable } from '@nestjs/common';
import { newId } from '../common/ids.js';
import { PrismaService } from '../prisma/prisma.service.js';
import type { AuditRecord } from './audit-record.js';

@Injectable()
export class AuditRepository {
  constructor(private readonly prisma: PrismaService) {}

  async add({ actorId, action, subjectId, data = {} }: AuditRecord): Promise<void> {
    await this.prisma.db.auditEntry.create({ data: { id: newId(), actorId, action, subjectId, data } });
  }
}
