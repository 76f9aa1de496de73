/** A map that never holds more than `maxKeys`: the entry that was set longest ago makes room. */
export class BoundedMap<K, V> {
  private readonly entries = new Map<K, V>();

  constructor(private readonly maxKeys: number) {}

  get size(): number {
    return this.entries.size;
  }

  get(key: K): V | undefined {
    return this.entries.get(key);
  }

  has(key: K): boolean {
    return this.entries.has(key);
  }

  /** Sets the value and counts as the newest entry. @returns the entry that had to leave, if any */
  set(key: K, value: V): [K, V] | undefined {
    this.entries.delete(key);
    this.entries.set(key, value);
    if (this.entries.size <= this.maxKeys) return undefined;
    const oldest = this.entries.entries().next().value;
    if (oldest) this.entries.delete(oldest[0]);
    return oldest;
  }

  delete(key: K): boolean {
    return this.entries.delete(key);
  }

  clear(): void {
    this.entries.clear();
  }

  /** A copy of all entries, the oldest first. */
  toMap(): Map<K, V> {
    return new Map(this.entries);
  }

  /** Drops entries from the oldest on, as long as `isStale` says so. */
  dropOldestWhile(isStale: (value: V) => boolean): void {
    for (const [key, value] of this.entries) {
      if (!isStale(value)) return;
      this.entries.delete(key);
    }
  }
}
