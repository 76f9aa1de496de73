import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { ChatRoomsService } from '../../chat-rooms/chat-rooms.service.js';
import { BoundedMap } from '../../common/limits/bounded-map.js';
import { userRoom } from '../contract/room-names.js';
import { serverEvent } from '../contract/server-events.js';
import type { PresenceState } from '../dto/room-events.dto.js';
import { LiveHub } from './live-hub.js';

/** Somebody whose last connection closed still counts as online for this long: pages are reloaded, trains go through tunnels. */
const GRACE_MS = 5_000;
const MOST_REMEMBERED = 100_000;

/** Who is here, by open connections of this node; kept in memory only. */
@Injectable()
export class PresenceService implements OnModuleDestroy {
  private readonly logger = new Logger(PresenceService.name);
  private readonly connections = new Map<string, number>();
  private readonly leaving = new Map<string, NodeJS.Timeout>();
  private readonly lastSeen = new BoundedMap<string, Date>(MOST_REMEMBERED);

  private isOver = false;

  constructor(
    private readonly hub: LiveHub,
    private readonly rooms: ChatRoomsService,
  ) {}

  onModuleDestroy(): void {
    this.isOver = true;
    for (const timer of this.leaving.values()) clearTimeout(timer);
  }

  connected(userId: string): void {
    const wasOnline = this.isOnline(userId);
    this.connections.set(userId, (this.connections.get(userId) ?? 0) + 1);
    clearTimeout(this.leaving.get(userId));
    this.leaving.delete(userId);
    if (!wasOnline) this.tell(userId);
  }

  disconnected(userId: string): void {
    const left = (this.connections.get(userId) ?? 1) - 1;
    if (left > 0) {
      this.connections.set(userId, left);
      return;
    }
    this.connections.delete(userId);
    this.lastSeen.set(userId, new Date());
    const timer = setTimeout(() => {
      this.leaving.delete(userId);
      this.tell(userId);
    }, GRACE_MS).unref();
    this.leaving.set(userId, timer);
  }

  /** Of people who share a room with `userId`; of others nothing shows. */
  async of(userId: string, userIds: readonly string[]): Promise<PresenceState[]> {
    const mates = await this.rooms.matesAmong(userId, userIds);
    return userIds.map((id) =>
      id === userId || mates.has(id) ? this.stateOf(id) : { userId: id, online: false, lastSeenAt: null },
    );
  }

  private isOnline(userId: string): boolean {
    return this.connections.has(userId) || this.leaving.has(userId);
  }

  private stateOf(userId: string): PresenceState {
    const lastSeenAt = this.lastSeen.get(userId)?.toISOString() ?? null;
    return this.isOnline(userId) ? { userId, online: true, lastSeenAt: null } : { userId, online: false, lastSeenAt };
  }

  private tell(userId: string): void {
    if (this.isOver) return;
    this.rooms.matesOf(userId).then(
      (mates) => this.hub.publishToMany(mates.map(userRoom), serverEvent('presence', this.stateOf(userId))),
      (error: unknown) => this.logger.warn({ msg: 'Presence could not be told', err: error }),
    );
  }
}
