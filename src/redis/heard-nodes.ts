/** One entry of the stream: what a node told in one go. */
export interface Batch {
  nodeId: string;
  /** Counts the batches of one node, those that never arrived too. */
  number: number;
  /** The node says goodbye. */
  isLast: boolean;
}

/** A node that goes silent may be cut off and still at work; after this long it is taken for dead. */
const FORGET_MS = 30_000;

/** Which nodes are heard, and whether all that they told arrived. */
export class HeardNodes {
  private readonly nodes = new Map<string, { number: number; at: number }>();

  constructor(private readonly clock: () => number = () => performance.now()) {}

  /** `repeated`: it came before; `gap`: something before it never came. */
  take({ nodeId, number, isLast }: Batch): 'next' | 'repeated' | 'gap' {
    const before = this.nodes.get(nodeId)?.number ?? 0;
    if (number <= before) return 'repeated';
    if (isLast) this.nodes.delete(nodeId);
    else this.nodes.set(nodeId, { number, at: this.clock() });
    return number === before + 1 ? 'next' : 'gap';
  }

  /** Whether each node was heard of within `ms`. */
  areHeard(ms: number): boolean {
    const now = this.clock();
    return [...this.nodes.values()].every(({ at }) => now - at <= ms);
  }

  /** Takes those for dead that were silent for too long. @returns which */
  forgetSilent(): string[] {
    const now = this.clock();
    const silent = [...this.nodes].filter(([, { at }]) => now - at > FORGET_MS).map(([nodeId]) => nodeId);
    for (const nodeId of silent) this.nodes.delete(nodeId);
    return silent;
  }

  get size(): number {
    return this.nodes.size;
  }
}
