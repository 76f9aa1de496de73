import { Injectable } from '@nestjs/common';
import type { AuditRecord } from './audit-record.js';
import { AuditRepository } from './audit.repository.js';

/** Who changed what about whom. */
@Injectable()
export class AuditLog {
  constructor(private readonly entries: AuditRepository) {}

  /** Writes one line, in the transaction under way. */
  record(entry: AuditRecord): Promise<void> {
    return this.entries.add(entry);
  }
}
