const MAX_ENTRIES = 10_000;
/** How long a session that another node deleted may still count as existing here. */
const TTL_MS = 30_000;

/** Remembers who owns which session. An owner never changes, so only deletion can make it wrong. */
export class OwnerCache {
  private readonly owners = new Map<string, { ownerId: string; until: number }>();
  private forgotten = 0;

  constructor(private readonly now: () => number = Date.now) {}

  get(sessionId: string): string | undefined {
    const entry = this.owners.get(sessionId);
    if (entry && entry.until > this.now()) return entry.ownerId;
    if (entry) this.owners.delete(sessionId);
    return undefined;
  }

  /** Asks `load` for what is not known. An answer that a deletion overtook is given but not kept. */
  async getOrLoad(sessionId: string, load: () => Promise<string | null>): Promise<string | null> {
    const known = this.get(sessionId);
    if (known !== undefined) return known;
    const before = this.forgotten;
    const ownerId = await load();
    if (ownerId !== null && before === this.forgotten) this.set(sessionId, ownerId);
    return ownerId;
  }

  forget(sessionId: string): void {
    this.forgotten++;
    this.owners.delete(sessionId);
  }

  forgetAll(): void {
    this.forgotten++;
    this.owners.clear();
  }

  private set(sessionId: string, ownerId: string): void {
    this.owners.delete(sessionId);
    this.owners.set(sessionId, { ownerId, until: this.now() + TTL_MS });
    for (const oldest of this.owners.keys()) {
      if (this.owners.size <= MAX_ENTRIES) break;
      this.owners.delete(oldest);
    }
  }
}
