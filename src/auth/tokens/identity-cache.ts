import { BoundedMap } from '../../common/limits/bounded-map.js';
import type { Identity } from './sign-ins.repository.js';

/** How long another node may not notice that a role was changed or a sign-in ended. */
const LIFE_MS = 5_000;

const MAX_PEOPLE = 20_000;

interface Entry {
  identity: Promise<Identity | null>;
  until: number;
}

type Load = (signInId: string, userId: string) => Promise<Identity | null>;

/** Remembers for a few seconds who is behind a sign-in. Those who ask for the same one at once share one question. */
export class IdentityCache {
  private readonly people = new BoundedMap<string, Map<string, Entry>>(MAX_PEOPLE);

  constructor(
    private readonly load: Load,
    private readonly clock: () => number = Date.now,
  ) {}

  get(signInId: string, userId: string): Promise<Identity | null> {
    const now = this.clock();
    const known = this.people.get(userId)?.get(signInId);
    if (known && known.until > now) return known.identity;
    return this.ask(signInId, userId, now);
  }

  forgetSignIn(userId: string, signInId: string): void {
    this.people.get(userId)?.delete(signInId);
  }

  forgetPerson(userId: string): void {
    this.people.delete(userId);
  }

  forgetAll(): void {
    this.people.clear();
  }

  private ask(signInId: string, userId: string, now: number): Promise<Identity | null> {
    const entry: Entry = { identity: this.load(signInId, userId), until: now + LIFE_MS };
    const alive = [...(this.people.get(userId) ?? [])].filter(([, { until }]) => until > now);
    const signIns = new Map([...alive, [signInId, entry]]);
    this.people.set(userId, signIns);
    // A failure is not remembered, unless something newer already took its place.
    entry.identity.catch(() => {
      const current = this.people.get(userId);
      if (current?.get(signInId) === entry) current.delete(signInId);
    });
    return entry.identity;
  }
}
