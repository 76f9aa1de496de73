/** How much is measured: `tiny` only shows that a scenario works. */
export type Scale = 'full' | 'quick' | 'tiny';

/** What must hold of the median of one comparison. */
export interface Target {
  /** `value` looks at ours alone. */
  by: 'ratio' | 'difference' | 'value';
  atLeast?: number;
  atMost?: number;
}

/** One figure of one round, beside that of the bare limit in the same round. */
export interface Figure {
  id: string;
  what: string;
  unit: string;
  /** NaN where there is no limit to compare with. */
  bare: number;
  ours: number;
  /** null: told, not judged. */
  target: Target | null;
  /** Deliveries that never came. */
  lost?: number;
}

/** Which figures are asked for. */
export type Wanted = (id: string) => boolean;

/** A scenario whose servers run. */
export interface OpenScenario {
  /** Measures the limits and us, one right after the other. */
  round(): Promise<Figure[]>;
  close(): Promise<void>;
}

export interface Scenario {
  /** The figures' ids begin with one of these. */
  ids: readonly string[];
  open(scale: Scale, isWanted: Wanted): Promise<OpenScenario>;
}
