interface Waiting<K, V> {
  key: K;
  resolve: (value: V) => void;
  reject: (error: unknown) => void;
}

/**
 * One question for many callers: what is asked while one is under way goes together in the next. No answer is older than
 * its question, and a lone one waits for nobody.
 */
export class BatchedLoader<K, V> {
  private readonly waiting: Waiting<K, V>[] = [];
  private isLoading = false;

  /** `load` answers all of `keys`, `most` of them at a time; what it throws, each of those who asked is told. */
  constructor(
    private readonly load: (keys: readonly K[]) => Promise<(key: K) => V>,
    private readonly most = 500,
  ) {}

  get(key: K): Promise<V> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ key, resolve, reject });
      if (!this.isLoading) void this.loadAll();
    });
  }

  private async loadAll(): Promise<void> {
    this.isLoading = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, this.most);
      try {
        const answer = await this.load(batch.map(({ key }) => key));
        for (const { key, resolve } of batch) resolve(answer(key));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.isLoading = false;
  }
}
