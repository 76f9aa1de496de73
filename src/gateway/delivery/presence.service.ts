import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { ChatRoomsService } from '../../chat-rooms/chat-rooms.service.js';
import { BoundedMap } from '../../common/limits/bounded-map.js';
import { AppConfig } from '../../config/app-config.js';
import { DomainEventBus } from '../../events/domain-event-bus.js';
import type { DomainEvents } from '../../events/domain-events.js';
import { OnDomainEvent } from '../../events/on-domain-event.js';
import { DatabaseClock } from '../../prisma/database-clock.js';
import { LastSeenService } from '../../users/last-seen.service.js';
import { userRoom } from '../contract/room-names.js';
import { serverEvent } from '../contract/server-events.js';
import type { PresenceState } from '../dto/room-events.dto.js';
import { DistantPresence } from './distant-presence.js';
import { LiveHub } from './live-hub.js';

interface Leaving {
  /** When the last connection closed. */
  at: number;
  timer: NodeJS.Timeout;
}

const MOST_UNSTORED = 100_000;
/** Stands for the nodes of people whose node is gone. */
const LOST = '';
/** Between two questions to the other nodes who is where. */
const ASK_EVERY_MS = 2_000;

/**
 * Who is here, by open connections of this node and by what others tell of theirs; kept in memory only, so after a crash
 * nobody is. Each node tells its own connections. When people were last here is stored as they come and go and every LAST_SEEN_EVERY_MS, for all of them in one statement.
 */
@Injectable()
export class PresenceService implements OnModuleDestroy {
  private readonly logger = new Logger(PresenceService.name);
  private readonly connections = new Map<string, number>();
  private readonly leaving = new Map<string, Leaving>();
  private readonly elsewhere = new DistantPresence();
  private askedAt = -Infinity;
  /** Marks that are not in the database yet. */
  private readonly unstored = new BoundedMap<string, number>(MOST_UNSTORED);
  private isStoring = false;
  private storing = Promise.resolve();
  private isOver = false;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly hub: LiveHub,
    private readonly rooms: ChatRoomsService,
    private readonly lastSeen: LastSeenService,
    private readonly config: AppConfig,
    private readonly events: DomainEventBus,
    private readonly clock: DatabaseClock,
  ) {
    this.timer = setInterval(() => this.noteAll(), config.env.LAST_SEEN_EVERY_MS).unref();
  }

  onModuleDestroy(): void {
    this.end();
  }

  /** Tells nobody anything from now on and stores who is here; does not fail. */
  async stop(): Promise<void> {
    this.end();
    for (const [userId, { at }] of this.leaving) this.unstored.set(userId, at);
    this.noteAll();
    await this.storing;
    this.events.publish('presence.told', { nodeId: this.config.nodeId, userIds: [] });
  }

  @OnDomainEvent('presence.changed', 'elsewhere')
  changedElsewhere({ nodeId, userId, isHere, at }: DomainEvents['presence.changed']): void {
    const wasOnline = this.isOnline(userId);
    if (isHere) this.elsewhere.came(nodeId, userId);
    else this.elsewhere.left(nodeId, userId);
    const online = this.isOnline(userId);
    if (online !== wasOnline) this.tell({ userId, online, lastSeenAt: online ? null : at.toISOString() });
  }

  @OnDomainEvent('presence.told', 'elsewhere')
  toldElsewhere({ nodeId, userIds }: DomainEvents['presence.told']): void {
    const here = new Set(userIds);
    for (const userId of here) this.changedElsewhere({ nodeId, userId, isHere: true, at: new Date(this.clock.now()) });
    this.lose(
      nodeId,
      this.elsewhere.of(nodeId).filter((userId) => !here.has(userId)),
    );
  }

  @OnDomainEvent('nodes.gone')
  nodeGone({ nodeId }: DomainEvents['nodes.gone']): void {
    this.lose(nodeId, this.elsewhere.of(nodeId));
  }

  @OnDomainEvent('nodes.missed')
  ask(): void {
    if (!this.events.reachesOthers || performance.now() - this.askedAt < ASK_EVERY_MS) return;
    this.askedAt = performance.now();
    this.events.publish('presence.asked', {});
  }

  @OnDomainEvent('presence.asked', 'elsewhere')
  answer(): void {
    const userIds = [...new Set([...this.connections.keys(), ...this.leaving.keys()])];
    this.events.publish('presence.told', { nodeId: this.config.nodeId, userIds });
  }

  connected(userId: string): void {
    const leaving = this.leaving.get(userId);
    const isNew = !leaving && !this.connections.has(userId);
    this.connections.set(userId, (this.connections.get(userId) ?? 0) + 1);
    clearTimeout(leaving?.timer);
    this.leaving.delete(userId);
    if (!isNew) return;
    this.note(userId, this.clock.now());
    const { nodeId } = this.config;
    this.events.publish('presence.changed', { nodeId, userId, isHere: true, at: new Date(this.clock.now()) });
    if (!this.elsewhere.has(userId)) this.tell({ userId, online: true, lastSeenAt: null });
  }

  disconnected(userId: string): void {
    const left = (this.connections.get(userId) ?? 1) - 1;
    if (left > 0) {
      this.connections.set(userId, left);
      return;
    }
    this.connections.delete(userId);
    if (this.isOver) return;
    const at = this.clock.now();
    const timer = setTimeout(() => {
      this.leaving.delete(userId);
      this.note(userId, at);
      const { nodeId } = this.config;
      this.events.publish('presence.changed', { nodeId, userId, isHere: false, at: new Date(at) });
      if (!this.elsewhere.has(userId)) this.tell({ userId, online: false, lastSeenAt: new Date(at).toISOString() });
    }, this.config.env.PRESENCE_GRACE_MS).unref();
    this.leaving.set(userId, { at, timer });
  }

  /** Of people who share a room with `userId`; of others nothing shows. */
  async of(userId: string, userIds: readonly string[]): Promise<PresenceState[]> {
    const mates = await this.rooms.matesAmong(userId, userIds);
    const shown = new Set(userIds.filter((id) => id === userId || mates.has(id)));
    const stored = await this.lastSeen.find([...shown].filter((id) => !this.isOnline(id)));
    return userIds.map((id) => {
      if (!shown.has(id)) return { userId: id, online: false, lastSeenAt: null };
      if (this.isOnline(id)) return { userId: id, online: true, lastSeenAt: null };
      const at = this.unstored.get(id) ?? stored.get(id)?.getTime();
      return { userId: id, online: false, lastSeenAt: at === undefined ? null : new Date(at).toISOString() };
    });
  }

  private isOnline(userId: string): boolean {
    return this.connections.has(userId) || this.leaving.has(userId) || this.elsewhere.has(userId);
  }

  /** People whose node is gone may come back by another one within the same grace as everybody. */
  private lose(nodeId: string, userIds: readonly string[]): void {
    if (userIds.length === 0) return;
    const at = new Date(this.clock.now());
    for (const userId of userIds) {
      this.elsewhere.left(nodeId, userId);
      this.elsewhere.came(LOST, userId);
    }
    setTimeout(() => {
      for (const userId of userIds) this.changedElsewhere({ nodeId: LOST, userId, isHere: false, at });
    }, this.config.env.PRESENCE_GRACE_MS).unref();
  }

  private tell(state: PresenceState): void {
    if (this.isOver) return;
    this.rooms.matesOf(state.userId).then(
      (mates) => {
        // What became untrue meanwhile is told by what made it so.
        if (this.isOnline(state.userId) !== state.online) return;
        this.hub.publishToMany(Array.from(mates, userRoom), serverEvent('presence', state));
      },
      (error: unknown) => this.logger.warn({ msg: 'Presence could not be told', err: error }),
    );
  }

  private noteAll(): void {
    const now = this.clock.now();
    for (const userId of this.connections.keys()) this.unstored.set(userId, now);
    this.save();
  }

  private note(userId: string, at: number): void {
    this.unstored.set(userId, at);
    this.save();
  }

  private save(): void {
    if (!this.isStoring) this.storing = this.store();
  }

  /** What comes while a statement runs goes together in the next one. What could not be stored is tried with what comes next. */
  private async store(): Promise<void> {
    this.isStoring = true;
    try {
      for (let marks = this.unstored.toMap(); marks.size > 0; marks = this.unstored.toMap()) {
        await this.lastSeen.record(marks);
        for (const [userId, at] of marks) if (this.unstored.get(userId) === at) this.unstored.delete(userId);
      }
    } catch (error) {
      this.logger.warn({ msg: 'It could not be stored who is here', err: error });
    } finally {
      this.isStoring = false;
    }
  }

  private end(): void {
    this.isOver = true;
    clearInterval(this.timer);
    for (const { timer } of this.leaving.values()) clearTimeout(timer);
  }
}
