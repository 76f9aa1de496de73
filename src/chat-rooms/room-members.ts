import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import { isUuid } from '../common/ids.js';
import { BoundedMap } from '../common/limits/bounded-map.js';
import type { DomainEvents, ParticipantRole } from '../events/domain-events.js';
import { OnDomainEvent } from '../events/on-domain-event.js';
import { ParticipantsRepository } from './participants.repository.js';

interface Entry {
  roles: ReadonlyMap<string, ParticipantRole>;
  until: number;
}

const MOST_ROOMS = 5_000;
/** How long a change that another node made may stay unknown here. */
const TTL_MS = 30_000;

/** Who is in which room, from memory: asked for every message. Forgotten as soon as a change is committed. */
@Injectable()
export class RoomMembers {
  private readonly rooms = new BoundedMap<string, Entry>(MOST_ROOMS);
  private forgotten = 0;

  constructor(private readonly participants: ParticipantsRepository) {}

  /** Everybody in the room and as what; empty when there is no such room. */
  async of(roomId: string): Promise<ReadonlyMap<string, ParticipantRole>> {
    const known = this.peek(roomId);
    if (known) return known;
    const before = this.forgotten;
    const roles = await this.participants.roles(roomId);
    // A change may have overtaken the reading; then the next one reads again.
    if (roles.size > 0 && before === this.forgotten) this.rooms.set(roomId, { roles, until: Date.now() + TTL_MS });
    return roles;
  }

  /** What memory has, without a look into the database. */
  peek(roomId: string): ReadonlyMap<string, ParticipantRole> | null {
    const entry = this.rooms.get(roomId);
    return entry && entry.until > Date.now() ? entry.roles : null;
  }

  /** @throws AppError CHAT_ROOM_NOT_FOUND when there is no such room or the person is not in it */
  async assertMember(userId: string, roomId: string): Promise<ParticipantRole> {
    const role = isUuid(roomId) ? (await this.of(roomId)).get(userId) : undefined;
    if (!role) throw new AppError('CHAT_ROOM_NOT_FOUND');
    return role;
  }

  @OnDomainEvent('chat-room.members-added')
  onAdded({ roomId }: DomainEvents['chat-room.members-added']): void {
    this.forget(roomId);
  }

  @OnDomainEvent('chat-room.member-removed')
  onRemoved({ roomId }: DomainEvents['chat-room.member-removed']): void {
    this.forget(roomId);
  }

  @OnDomainEvent('chat-room.deleted')
  onDeleted({ roomId }: DomainEvents['chat-room.deleted']): void {
    this.forget(roomId);
  }

  private forget(roomId: string): void {
    this.forgotten++;
    this.rooms.delete(roomId);
  }
}
