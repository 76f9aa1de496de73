/** One line of the audit log. It outlives an erasure, so `data` holds nothing personal. */
export interface AuditRecord {
  /** Who did it; null for the server itself. */
  actorId: string | null;
  action: string;
  subjectId: string | null;
  data?: Record<string, string | number | boolean | null>;
}

/** A line as it was written. */
export interface AuditEntry extends Required<AuditRecord> {
  id: string;
  createdAt: Date;
}

export type AuditFilter = Partial<Pick<AuditEntry, 'actorId' | 'action' | 'subjectId'>>;
