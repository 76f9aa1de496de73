import type { Actor, Role } from '../../common/actor.js';
import type { CloseReason } from '../contract/close-reasons.js';
import type { DeskSender } from './desk-sender.js';

/** One connection of a desk. */
export class DeskConnection {
  private person: Actor | null = null;
  /** Whether it is told what changes; not yet while it catches up. */
  isLive = false;
  /** Raised by every `sync`: an older one under way gives up. */
  syncs = 0;
  private expiry: NodeJS.Timeout | undefined;
  private effects: (() => void)[] | null = [];

  constructor(
    readonly id: string,
    readonly sender: DeskSender,
  ) {}

  /** Who works here; null: a panel without a token. */
  get actor(): Actor | null {
    return this.person;
  }

  /** With whose eyes it sees. Panels without a token see everything. */
  get viewer(): Actor {
    return this.person ?? ANYBODY;
  }

  /** Lets somebody in for `lifeMs`, or prolongs their time. */
  signIn(actor: Actor, lifeMs: number): void {
    this.person = actor;
    clearTimeout(this.expiry);
    this.expiry = setTimeout(() => this.sender.close('token_expired'), lifeMs).unref();
  }

  /** The role rose. */
  promote(role: Role): void {
    if (this.person) this.person = { ...this.person, role };
  }

  close(reason: CloseReason): void {
    this.sender.close(reason);
  }

  /** Called once it is closed, or at once when it is. */
  onClosed(effect: () => void): void {
    if (this.effects) this.effects.push(effect);
    else effect();
  }

  closed(): void {
    clearTimeout(this.expiry);
    const effects = this.effects ?? [];
    this.effects = null;
    for (const effect of effects) effect();
  }
}

const ANYBODY: Actor = {
  userId: '00000000-0000-0000-0000-000000000000',
  role: 'senior_operator',
  signInId: '',
  expiresAt: Infinity,
};
