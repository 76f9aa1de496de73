/** Limits that all nodes keep together. Null instead of an answer: not now, each node keeps its own. */
export abstract class SharedLimits {
  /** Counts one in the window of `key`, which begins with the first. */
  abstract hit(key: string, windowMs: number): Promise<{ hits: number; endsInMs: number } | null>;

  /** Claims `key` for a while. @returns 0 when `holder` has it now, also when it had it before, else the milliseconds to wait */
  abstract claim(key: string, holder: string, forMs: number): Promise<number | null>;

  /** Gives a claim back, if `holder` has it. Never fails. */
  abstract release(key: string, holder: string): Promise<void>;
}
