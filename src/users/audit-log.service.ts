import { Injectable } from '@nestjs/common';
import { decodeIdCursor, toPage, type Page } from '../common/pagination/page.js';
import type { AuditEntry, AuditFilter, AuditRecord } from './audit-record.js';
import { AuditRepository } from './audit.repository.js';

/** Who changed what about whom. */
@Injectable()
export class AuditLog {
  constructor(private readonly entries: AuditRepository) {}

  /** Writes one line, in the transaction under way. */
  record(entry: AuditRecord): Promise<void> {
    return this.entries.add(entry);
  }

  /** The newest first. @throws AppError INVALID_CURSOR */
  async list(filter: AuditFilter, { limit, cursor }: { limit: number; cursor?: string }): Promise<Page<AuditEntry>> {
    const before = cursor === undefined ? undefined : decodeIdCursor(cursor);
    return toPage(await this.entries.list(filter, limit + 1, before), limit, ({ id }) => [id]);
  }
}
