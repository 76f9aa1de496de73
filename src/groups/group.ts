/** A person's folder of AI sessions. */
export interface Group {
  id: string;
  name: string;
  /** How many sessions it holds, archived ones too. */
  sessionCount: number;
  createdAt: Date;
  updatedAt: Date;
}
