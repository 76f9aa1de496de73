/** Who is here by connections of other nodes. */
export class DistantPresence {
  private readonly people = new Map<string, Set<string>>();
  private readonly nodesOf = new Map<string, number>();

  has(userId: string): boolean {
    return this.nodesOf.has(userId);
  }

  came(nodeId: string, userId: string): void {
    const people = this.people.get(nodeId) ?? new Set();
    if (people.has(userId)) return;
    people.add(userId);
    this.people.set(nodeId, people);
    this.nodesOf.set(userId, (this.nodesOf.get(userId) ?? 0) + 1);
  }

  left(nodeId: string, userId: string): void {
    const people = this.people.get(nodeId);
    if (!people?.delete(userId)) return;
    if (people.size === 0) this.people.delete(nodeId);
    const nodes = (this.nodesOf.get(userId) ?? 1) - 1;
    if (nodes === 0) this.nodesOf.delete(userId);
    else this.nodesOf.set(userId, nodes);
  }

  of(nodeId: string): readonly string[] {
    return [...(this.people.get(nodeId) ?? [])];
  }
}
