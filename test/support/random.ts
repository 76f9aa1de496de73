/** Seeded random numbers (mulberry32): the same seed gives the same run. */
export class Random {
  private state: number;

  constructor(readonly seed: number) {
    this.state = seed >>> 0;
  }

  /** From 0 up to but not including 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  pick<T>(from: readonly T[]): T {
    return from[this.between(0, from.length - 1)] as T;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }
}

/** Rounds of a repeated experiment: `ROUNDS` of the environment, or few enough for every run of the suite. */
export function rounds(few: number): number {
  return Number(process.env['ROUNDS'] ?? few);
}

/** The seed of a random experiment: `SEED` of the environment, or the clock. */
export function seed(): number {
  return Number(process.env['SEED'] ?? Date.now() % 1_000_000);
}
