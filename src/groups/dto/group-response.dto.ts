/** A folder of sessions. */
export class GroupResponse {
  id: string;
  name: string;
  /** How many sessions it holds, archived ones too. */
  sessionCount: number;
  createdAt: Date;
  updatedAt: Date;
}

/** It is done. */
export class GroupDeletedResponse {
  ok: true;
}
