import { Injectable } from '@nestjs/common';
import type { CloseReason } from '../contract/close-reasons.js';
import type { DeskFrame } from '../contract/desk-frames.js';
import { signInRoom, userRoom } from '../contract/room-names.js';
import { LiveHub } from '../delivery/live-hub.js';
import type { LiveWire } from '../delivery/live-connection.js';
import type { DeskConnection } from './desk-connection.js';

/** The wire of desks. They are in no conversation's room: what they may see changes with each chat, so the desk's own feed tells them. */
@Injectable()
export class DeskConnections implements LiveWire {
  readonly name = 'desk';
  private readonly open = new Set<DeskConnection>();

  constructor(hub: LiveHub) {
    hub.register(this);
  }

  add(connection: DeskConnection): void {
    this.open.add(connection);
  }

  remove(connection: DeskConnection): void {
    this.open.delete(connection);
    connection.closed();
  }

  live(): DeskConnection[] {
    return [...this.open].filter(({ isLive }) => isLive);
  }

  /** Whether anybody is here who is, or will be, told what changes. */
  get isAnybodyHere(): boolean {
    return this.open.size > 0;
  }

  operatorIds(): string[] {
    return [...new Set([...this.open].flatMap(({ actor }) => (actor ? [actor.userId] : [])))];
  }

  of(userId: string): DeskConnection[] {
    return [...this.open].filter(({ actor }) => actor?.userId === userId);
  }

  tellAll(frame: DeskFrame): void {
    for (const connection of this.live()) connection.sender.send(frame);
  }

  publish(): void {}

  publishToMany(): void {}

  takeOut(): void {}

  hasMembers(): boolean {
    return false;
  }

  /** None of conversations, but those by which people and sign-ins are found. */
  rooms(): string[] {
    const actors = [...this.open].flatMap(({ actor }) => (actor ? [actor] : []));
    return actors.flatMap(({ userId, signInId }) => [userRoom(userId), signInRoom(signInId)]);
  }

  closeRoom(room: string, reason: CloseReason): void {
    for (const connection of this.open) {
      const { actor } = connection;
      if (actor && (room === userRoom(actor.userId) || room === signInRoom(actor.signInId))) connection.close(reason);
    }
  }

  closeAll(reason: CloseReason): void {
    for (const connection of this.open) connection.close(reason);
  }

  size(): number {
    return this.open.size;
  }
}
