/** One line of the audit log. It outlives an erasure, so `data` holds nothing personal. */
export interface AuditRecord {
  /** Who did it; null for the server itself. */
  actorId: string | null;
  action: string;
  subjectId: string | null;
  data?: Record<string, string | number | boolean | null>;
}
