/** How jobs of one queue are done. */
export interface QueueRules {
  /** Jobs of this node under way at once. */
  readonly concurrency: number;
}

/**
 * Does one job. What it throws makes the job wait and be done again, for ever: what cannot succeed has to be settled by
 * the handler itself. `signal` is aborted when the node is leaving or the job was given to somebody else.
 */
export type JobHandler = (lane: string, signal: AbortSignal) => Promise<void>;

/**
 * Durable jobs. A job names a lane; the jobs of one lane are done one after another, on whatever node, those of different
 * lanes side by side. A job is a call to look after its lane, not a parcel: handlers read what is to be done.
 */
export abstract class JobQueue {
  /** Adds a job, with the unit of work under way if there is one, to be done in `delayMs` at the earliest. */
  abstract add(queue: string, lane: string, delayMs?: number): Promise<void>;

  /** Begins to do the jobs of a queue. Resolves at once; whether the database can be reached does not matter. */
  abstract work(queue: string, rules: QueueRules, handler: JobHandler): void;

  /** Takes no more jobs and resolves when those under way have ended, `graceMs` at most. */
  abstract stop(graceMs: number): Promise<void>;
}
