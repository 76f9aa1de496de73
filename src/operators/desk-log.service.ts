import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { DeskChangesRepository } from './desk-changes.repository.js';
import type { DeskChanges, DeskPosition } from './desk-changes.js';
import { readDeskCursor } from './desk-changes.js';

/** A desk that was away for longer loads its lists anew. */
const KEPT_DAYS = 7;
const PRUNE_MS = 3_600_000;
/** Clocks of clients are not those of the database, and a transaction is older than what it tells. */
const TIME_OVERLAP_MS = 120_000;

/** What happened at the desk, to be read from any moment on without missing anything. */
@Injectable()
export class DeskLogService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(DeskLogService.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly log: DeskChangesRepository) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.prune(), PRUNE_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** Everything from transaction `since` on, about `limit` changes of it if that is given. */
  read(since: number, limit: number | null = null): Promise<DeskChanges> {
    return this.log.read(since, limit);
  }

  /** Which database this is; part of every cursor. */
  async epoch(): Promise<string> {
    return (await this.log.state()).epoch;
  }

  /**
   * Where a reader that names `since` stands: a cursor of ours, a time (ISO, or ms), or 0 for the beginning. `isWhole` false: the log cannot tell
   * all that happened since, the reader begins anew from now.
   */
  async positionOf(since: string | number): Promise<{ position: DeskPosition; isWhole: boolean }> {
    const { epoch, keptFrom, horizon, next } = await this.log.state();
    const anew = { position: { epoch, changedIn: horizon }, isWhole: false };
    const cursor = typeof since === 'string' ? readDeskCursor(since) : null;
    if (cursor) {
      const isWhole = cursor.epoch === epoch && cursor.changedIn >= keptFrom && cursor.changedIn <= next;
      return isWhole ? { position: cursor, isWhole } : anew;
    }
    if (since === 0) return keptFrom === 0 ? { position: { epoch, changedIn: 0 }, isWhole: true } : anew;
    const at = new Date(since).getTime() - TIME_OVERLAP_MS;
    if (!(at > Date.now() - KEPT_DAYS * 86_400_000)) return anew;
    const changedIn = (await this.log.firstAfter(new Date(at))) ?? horizon;
    return { position: { epoch, changedIn }, isWhole: changedIn >= keptFrom };
  }

  /** Throws away what is too old. Never throws. */
  async prune(): Promise<void> {
    try {
      await this.log.prune(KEPT_DAYS);
    } catch (error) {
      this.logger.warn({ msg: 'The log of the desk could not be shortened', err: error });
    }
  }
}
