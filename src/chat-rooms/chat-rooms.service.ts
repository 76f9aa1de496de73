import { Injectable } from '@nestjs/common';
import type { Actor } from '../common/actor.js';
import { BatchedLoader } from '../common/concurrency/batched-loader.js';
import { AppError } from '../common/errors/app-error.js';
import type { Page } from '../common/pagination/page.js';
import { DomainEventBus } from '../events/domain-event-bus.js';
import type { ChatRoomType, ParticipantRole } from '../events/domain-events.js';
import { outsideTransaction } from '../prisma/transaction-scope.js';
import { UnitOfWork } from '../prisma/unit-of-work.js';
import { UsersService } from '../users/users.service.js';
import { MOST_PARTICIPANTS, type ChatRoomChanges, type ChatRoomView, type RoomChanges } from './chat-room.js';
import type { ParticipantUser } from './chat-room.js';
import { ChatRoomsRepository } from './chat-rooms.repository.js';
import { ParticipantsRepository } from './participants.repository.js';
import { RoomMembers } from './room-members.js';

export interface CreateChatRoom {
  type: ChatRoomType;
  name?: string;
  participantIds: readonly string[];
}

/** Places of people in one page of changes. */
const MOST_CHANGED_PLACES = 500;

const MANAGERS: readonly ParticipantRole[] = ['OWNER', 'ADMIN'];

/** Rooms of people: their settings and who is in them. */
@Injectable()
export class ChatRoomsService {
  /** Whoever connects asks for theirs, all of them at once after a restart. */
  private readonly roomIds = new BatchedLoader(async (userIds: readonly string[]) => {
    const found = await outsideTransaction(() => this.participants.roomIdsOf(userIds));
    return (userId: string) => found.get(userId) ?? [];
  });

  constructor(
    private readonly rooms: ChatRoomsRepository,
    private readonly participants: ParticipantsRepository,
    private readonly members: RoomMembers,
    private readonly users: UsersService,
    private readonly unitOfWork: UnitOfWork,
    private readonly events: DomainEventBus,
  ) {}

  /**
   * Makes a room; two people have one DIRECT room, which a repetition returns.
   * @throws AppError USER_NOT_FOUND | CHAT_ROOM_FULL | VALIDATION_FAILED (a DIRECT room is of two)
   */
  async create(actor: Actor, input: CreateChatRoom): Promise<{ room: ChatRoomView; isNew: boolean }> {
    const { type } = input;
    const memberIds = others(input.participantIds, actor.userId);
    const [first, second] = memberIds;
    if (type === 'DIRECT' && (first === undefined || second !== undefined))
      throw new AppError('VALIDATION_FAILED', { message: 'A DIRECT room takes exactly one other participant.' });
    if (memberIds.length >= MOST_PARTICIPANTS) throw new AppError('CHAT_ROOM_FULL');
    const created = await this.unitOfWork.run(async () => {
      await this.lockPeople([actor.userId, ...memberIds]);
      return this.rooms.create({ type, name: input.name ?? null, ownerId: actor.userId, memberIds });
    });
    const id = created ?? (await this.rooms.findDirect([actor.userId, first ?? '']));
    if (id === null) throw new AppError('CHAT_ROOM_NOT_FOUND');
    if (created !== null)
      this.events.publish('chat-room.created', { roomId: id, memberIds: [actor.userId, ...memberIds] });
    return { room: await this.get(actor, id), isNew: created !== null };
  }

  /** The actor's rooms, the latest active first. @throws AppError INVALID_CURSOR */
  async list(actor: Actor, page: { limit: number; cursor?: string }): Promise<Page<ChatRoomView>> {
    const listed = await this.rooms.list(actor.userId, page);
    const people = Map.groupBy(
      await this.participants.listOf(listed.items.map(({ id }) => id)),
      (p) => p.conversationId,
    );
    return listed.map((room) => ({ ...room, participants: people.get(room.id) ?? [] }));
  }

  /** The ids of the rooms that a person is in. */
  roomsOf(userId: string): Promise<readonly string[]> {
    return this.roomIds.get(userId);
  }

  /** Everybody who is in some room together with a person. */
  async matesOf(userId: string): Promise<Set<string>> {
    const rooms = await Promise.all((await this.roomsOf(userId)).map((id) => this.members.of(id)));
    const mates = new Set(rooms.flatMap((members) => [...members.keys()]));
    mates.delete(userId);
    return mates;
  }

  /** Everybody who is in a room. */
  async peopleIn(roomId: string): Promise<ParticipantUser[]> {
    return (await this.participants.listOf([roomId])).map(({ user }) => user);
  }

  /** Those of `userIds` who are in some room together with `userId`. */
  matesAmong(userId: string, userIds: readonly string[]): Promise<Set<string>> {
    return this.participants.matesAmong(userId, userIds);
  }

  /** @throws AppError CHAT_ROOM_NOT_FOUND */
  async get(actor: Actor, roomId: string): Promise<ChatRoomView> {
    // Last the look at whether the actor is in: whoever is removed meanwhile sees nothing of what came later.
    const participants = await this.participants.listOf([roomId]);
    const room = await this.rooms.findListed(actor.userId, roomId);
    if (!room) throw new AppError('CHAT_ROOM_NOT_FOUND');
    return { ...room, participants };
  }

  /** A room as somebody sees it who has nothing unread in it, for events; null when it is gone. */
  async find(roomId: string): Promise<ChatRoomView | null> {
    const room = await this.rooms.find(roomId);
    if (!room) return null;
    return { ...room, unreadCount: 0, lastMessage: null, participants: await this.participants.listOf([roomId]) };
  }

  /** What of the room itself changed after number `since`. */
  async changesSince(roomId: string, since: number): Promise<RoomChanges> {
    const room = await this.rooms.findChanged(roomId, since);
    const { items, isAll } = await this.participants.changedSince(roomId, since, MOST_CHANGED_PLACES);
    return { room, participants: items, isAll };
  }

  /** @throws AppError CHAT_ROOM_NOT_FOUND | FORBIDDEN */
  async update(actor: Actor, roomId: string, changes: ChatRoomChanges): Promise<ChatRoomView> {
    await this.managing(actor, roomId, MANAGERS, async (roles) => {
      if (changes.name === undefined && changes.isArchived === undefined) return;
      const changeSeq = await this.rooms.takeNumber(roomId);
      const { updatedAt: at } = await this.rooms.update(roomId, changes, changeSeq);
      const memberIds = [...roles.keys()];
      this.events.publish('chat-room.updated', { roomId, changeSeq, memberIds, updatedBy: actor.userId, at });
    });
    return this.get(actor, roomId);
  }

  /** Deletes the room with all that was said. @throws AppError CHAT_ROOM_NOT_FOUND | FORBIDDEN */
  async remove(actor: Actor, roomId: string): Promise<void> {
    await this.managing(actor, roomId, ['OWNER'], async (roles) => {
      await this.rooms.remove(roomId);
      this.events.publish('chat-room.deleted', { roomId, memberIds: [...roles.keys()], deletedBy: actor.userId });
    });
  }

  /**
   * Adds people; those who are in already stay as they are.
   * @throws AppError CHAT_ROOM_NOT_FOUND | FORBIDDEN | USER_NOT_FOUND | CHAT_ROOM_FULL | CHAT_ROOM_IS_DIRECT
   */
  async addParticipants(actor: Actor, roomId: string, participantIds: readonly string[]): Promise<ChatRoomView> {
    const wantedIds = others(participantIds, actor.userId);
    await this.members.assertMember(actor.userId, roomId);
    await this.unitOfWork.run(async () => {
      // People before rooms, in the order in which an erasure locks them.
      const present = await this.users.lockPresent(wantedIds);
      await this.managing(actor, roomId, MANAGERS, async (roles) => {
        await this.assertGroup(roomId);
        const userIds = wantedIds.filter((id) => !roles.has(id));
        if (userIds.length === 0) return;
        if (userIds.some((id) => !present.has(id))) throw new AppError('USER_NOT_FOUND');
        if (roles.size + userIds.length > MOST_PARTICIPANTS) throw new AppError('CHAT_ROOM_FULL');
        const changeSeq = await this.rooms.takeNumber(roomId);
        await this.participants.add(roomId, userIds, changeSeq);
        await this.rooms.touch(roomId);
        const memberIds = [...roles.keys(), ...userIds];
        const added = { roomId, changeSeq, memberIds, userIds, addedBy: actor.userId };
        this.events.publish('chat-room.members-added', added);
      });
    });
    return this.get(actor, roomId);
  }

  /**
   * Takes somebody out, or lets the actor leave. The last OWNER hands over to the longest-standing ADMIN, else MEMBER; a
   * room that everybody has left is gone.
   * @throws AppError CHAT_ROOM_NOT_FOUND | FORBIDDEN | PARTICIPANT_NOT_FOUND | CHAT_ROOM_IS_DIRECT
   */
  async removeParticipant(actor: Actor, roomId: string, userId: string): Promise<void> {
    const isLeaving = userId === actor.userId;
    await this.managing(actor, roomId, isLeaving ? null : MANAGERS, async (roles) => {
      await this.assertGroup(roomId);
      const role = roles.get(userId);
      if (!role) throw new AppError('PARTICIPANT_NOT_FOUND');
      if (!isLeaving && role === 'OWNER' && roles.get(actor.userId) !== 'OWNER') throw new AppError('FORBIDDEN');
      await this.takeOut(roomId, roles, userId, actor.userId);
    });
  }

  /**
   * Gives somebody another role. A room has one OWNER: who makes another one OWNER hands over and is ADMIN from then on.
   * @throws AppError CHAT_ROOM_NOT_FOUND | FORBIDDEN | PARTICIPANT_NOT_FOUND | CHAT_ROOM_IS_DIRECT
   */
  async changeRole(actor: Actor, roomId: string, userId: string, role: ParticipantRole): Promise<ChatRoomView> {
    await this.managing(actor, roomId, ['OWNER'], async (roles) => {
      await this.assertGroup(roomId);
      const former = roles.get(userId);
      if (!former) throw new AppError('PARTICIPANT_NOT_FOUND');
      if (former === role) return;
      if (userId === actor.userId)
        throw new AppError('FORBIDDEN', { message: 'Hand over by making somebody else OWNER.' });
      const changeSeq = await this.rooms.takeNumber(roomId);
      await this.participants.setRole(roomId, userId, role, changeSeq);
      if (role === 'OWNER') await this.participants.setRole(roomId, actor.userId, 'ADMIN', changeSeq);
      const at = await this.rooms.touch(roomId);
      const memberIds = [...roles.keys()];
      this.events.publish('chat-room.updated', { roomId, changeSeq, memberIds, updatedBy: actor.userId, at });
    });
    return this.get(actor, roomId);
  }

  /**
   * Every room that a person is in or ever was in, locked until the transaction ends. In the order of ids, like all who lock
   * several conversations.
   */
  lockAllOf(userId: string): Promise<string[]> {
    return this.rooms.lockAllOf(userId);
  }

  /** For the erasure of an account: out of every room, also those of two. */
  async leaveAll(userId: string): Promise<void> {
    for (const roomId of await this.lockAllOf(userId)) {
      const roles = await this.participants.roles(roomId);
      if (roles.has(userId)) await this.takeOut(roomId, roles, userId, userId);
    }
  }

  private async takeOut(
    roomId: string,
    roles: ReadonlyMap<string, ParticipantRole>,
    userId: string,
    removedBy: string,
  ): Promise<void> {
    const rest = [...roles].filter(([id]) => id !== userId);
    if (rest.length === 0) {
      await this.rooms.remove(roomId);
      this.events.publish('chat-room.deleted', { roomId, memberIds: [userId], deletedBy: removedBy });
      return;
    }
    const changeSeqs = [await this.rooms.takeNumber(roomId)];
    await this.participants.leave(roomId, userId, changeSeqs[0] as number);
    // `roles` is in the order in which people came.
    const heir = rest.find(([, role]) => role === 'ADMIN') ?? rest[0];
    if (heir && !rest.some(([, role]) => role === 'OWNER')) {
      const number = await this.rooms.takeNumber(roomId);
      await this.participants.setRole(roomId, heir[0], 'OWNER', number);
      changeSeqs.push(number);
    }
    await this.rooms.touch(roomId);
    const memberIds = rest.map(([id]) => id);
    this.events.publish('chat-room.member-removed', { roomId, changeSeqs, memberIds, userId, removedBy });
  }

  /** Runs `work` under the room's lock with who is in it then, if the actor is and has one of the roles (null: whatever it is). */
  private async managing(
    actor: Actor,
    roomId: string,
    allowed: readonly ParticipantRole[] | null,
    work: (roles: ReadonlyMap<string, ParticipantRole>) => Promise<void>,
  ): Promise<void> {
    // Outsiders must not be able to hold the lock.
    await this.members.assertMember(actor.userId, roomId);
    await this.unitOfWork.run(async () => {
      if (!(await this.rooms.lock(roomId))) throw new AppError('CHAT_ROOM_NOT_FOUND');
      const roles = await this.participants.roles(roomId);
      const role = roles.get(actor.userId);
      if (!role) throw new AppError('CHAT_ROOM_NOT_FOUND');
      if (allowed && !allowed.includes(role)) throw new AppError('FORBIDDEN');
      await work(roles);
    });
  }

  private async assertGroup(roomId: string): Promise<void> {
    if ((await this.rooms.find(roomId))?.type === 'DIRECT') throw new AppError('CHAT_ROOM_IS_DIRECT');
  }

  /** @throws AppError USER_NOT_FOUND when one of them has no active account; else nobody is erased until the transaction ends */
  private async lockPeople(userIds: readonly string[]): Promise<void> {
    const present = await this.users.lockPresent(userIds);
    if (userIds.some((id) => !present.has(id))) throw new AppError('USER_NOT_FOUND');
  }
}

const others = (ids: readonly string[], self: string): string[] =>
  [...new Set(ids.map((id) => id.toLowerCase()))].filter((id) => id !== self);
