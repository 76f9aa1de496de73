import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import { isUuid } from '../common/ids.js';
import { BoundedMap } from '../common/limits/bounded-map.js';
import type { DomainEvents, ParticipantRole } from '../events/domain-events.js';
import { OnDomainEvent } from '../events/on-domain-event.js';
import { currentTransaction } from '../prisma/transaction-scope.js';
import { ParticipantsRepository } from './participants.repository.js';

type Roles = ReadonlyMap<string, ParticipantRole>;

interface Entry {
  roles: Roles;
  until: number;
}

/** A look into the database that is under way. */
interface Reading {
  roles: Promise<Roles>;
  /** A change became known meanwhile: what is read may be older. */
  isOvertaken: boolean;
}

const MOST_ROOMS = 5_000;
/** How long a change that another node made may stay unknown here. */
const TTL_MS = 30_000;

/** Who is in which room, from memory: asked for every message. Forgotten as soon as a change is committed. */
@Injectable()
export class RoomMembers {
  private readonly rooms = new BoundedMap<string, Entry>(MOST_ROOMS);
  private readonly readings = new Map<string, Reading>();

  constructor(private readonly participants: ParticipantsRepository) {}

  /** Everybody in the room and as what; empty when there is no such room. */
  async of(roomId: string): Promise<Roles> {
    for (;;) {
      const known = this.peek(roomId);
      if (known) return known;
      const reading = this.readings.get(roomId) ?? this.read(roomId);
      const roles = await reading.roles;
      if (!reading.isOvertaken) return roles;
    }
  }

  /** What memory had last, however old; null when a change is known to have come since. */
  remembered(roomId: string): Roles | null {
    return this.rooms.get(roomId)?.roles ?? null;
  }

  /** What memory has, without a look into the database. */
  peek(roomId: string): Roles | null {
    const entry = this.rooms.get(roomId);
    return entry && entry.until > Date.now() ? entry.roles : null;
  }

  /**
   * Inside of a transaction the database is asked: what it says under the room's lock holds until the end.
   * @throws AppError CHAT_ROOM_NOT_FOUND when there is no such room or the person is not in it
   */
  async assertMember(userId: string, roomId: string): Promise<ParticipantRole> {
    if (!isUuid(roomId)) throw new AppError('CHAT_ROOM_NOT_FOUND');
    const role = currentTransaction()
      ? await this.participants.roleOf(roomId, userId)
      : (await this.of(roomId)).get(userId);
    if (!role) throw new AppError('CHAT_ROOM_NOT_FOUND');
    return role;
  }

  /**
   * Runs `act` in a turn in which the person is known to be in: no removal that this node knows of comes between.
   * @throws AppError CHAT_ROOM_NOT_FOUND
   */
  async whileMember<T>(userId: string, roomId: string, act: () => T): Promise<T> {
    for (;;) {
      await this.assertMember(userId, roomId);
      if (this.peek(roomId)?.has(userId)) return act();
    }
  }

  @OnDomainEvent('chat-room.members-added', 'anywhere')
  onAdded({ roomId }: DomainEvents['chat-room.members-added']): void {
    this.forget(roomId);
  }

  @OnDomainEvent('chat-room.member-removed', 'anywhere')
  onRemoved({ roomId }: DomainEvents['chat-room.member-removed']): void {
    this.forget(roomId);
  }

  @OnDomainEvent('chat-room.deleted', 'anywhere')
  onDeleted({ roomId }: DomainEvents['chat-room.deleted']): void {
    this.forget(roomId);
  }

  @OnDomainEvent('nodes.missed')
  onMissed(): void {
    for (const roomId of [...this.readings.keys(), ...this.rooms.toMap().keys()]) this.forget(roomId);
  }

  /** For a change that was not told. */
  forget(roomId: string): void {
    const reading = this.readings.get(roomId);
    if (reading) reading.isOvertaken = true;
    this.readings.delete(roomId);
    this.rooms.delete(roomId);
  }

  private read(roomId: string): Reading {
    const reading: Reading = {
      isOvertaken: false,
      roles: this.participants
        .roles(roomId)
        .then((roles) => {
          if (roles.size > 0 && !reading.isOvertaken) this.rooms.set(roomId, { roles, until: Date.now() + TTL_MS });
          return roles;
        })
        .finally(() => {
          if (this.readings.get(roomId) === reading) this.readings.delete(roomId);
        }),
    };
    this.readings.set(roomId, reading);
    return reading;
  }
}
