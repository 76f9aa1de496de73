import type { ChatRoomResponse, ParticipantResponse } from '../../src/chat-rooms/dto/chat-room.response.dto.js';
import type { MessageResponse } from '../../src/messages/dto/message.response.dto.js';
import type { SyncResponse } from '../../src/messages/dto/sync.response.dto.js';

export type RoomPage = Partial<SyncResponse> & Pick<SyncResponse, 'head' | 'messages'>;

type Place = Partial<ParticipantResponse> & Pick<ParticipantResponse, 'userId' | 'changeSeq'>;
type Settings = Pick<ChatRoomResponse, 'name' | 'isArchived' | 'changeSeq'>;
type Payload = Record<string, unknown>;

/** What must never happen; `jumps` are judged where every number is told (sockets, streams from the head on). */
export interface RoomFaults {
  dup: number;
  inversions: number;
  jumps: number;
}

/** How an event of a room changes what a reader knows; `numbers`: the first and the last that it stands for, where it has any. */
export interface RoomEventRule {
  numbers: (payload: Payload) => [from: number, to: number] | null;
  apply: (replica: RoomReplica, payload: Payload) => void;
}

const changeSeqOf = ({ changeSeq }: Payload): [number, number] => [changeSeq as number, changeSeq as number];
const messageOf = ({ message }: Payload) => message as MessageResponse;
const ofMessage = (payload: Payload): [number, number] => [messageOf(payload).changeSeq, messageOf(payload).changeSeq];

/** Every durable event of rooms; more kinds of changes are added here. */
export const ROOM_EVENTS: Record<string, RoomEventRule> = {
  newMessage: { numbers: ofMessage, apply: (replica, payload) => replica.put(messageOf(payload)) },
  messageUpdated: { numbers: ofMessage, apply: (replica, payload) => replica.put(messageOf(payload)) },
  messageDeleted: {
    numbers: changeSeqOf,
    apply: (replica, { messageId, changeSeq, deletedAt }) => {
      const known = replica.messages.get(messageId as string);
      if (!known) return;
      const emptied = { content: '', fileUrl: null, fileName: null, fileSize: null, mentions: [], reactions: [] };
      replica.put({ ...known, ...emptied, changeSeq: changeSeq as number, deletedAt: deletedAt as string });
    },
  },
  messageReaction: {
    numbers: changeSeqOf,
    apply: (replica, { messageId, changeSeq, reactions }) => {
      const known = replica.messages.get(messageId as string);
      if (known) replica.put({ ...known, ...{ changeSeq, reactions } } as MessageResponse);
    },
  },
  participantsAdded: {
    numbers: changeSeqOf,
    apply: (replica, { newParticipants }) => replica.places(newParticipants as Place[]),
  },
  participantsChanged: {
    numbers: ({ from, changeSeq }) => [from as number, changeSeq as number],
    apply: (replica, { participants }) => replica.places(participants as Place[]),
  },
  participantRemoved: {
    numbers: changeSeqOf,
    apply: (replica, { removedUserId, changeSeq }) =>
      replica.places([{ userId: removedUserId as string, changeSeq: changeSeq as number, leftAt: 'then' }]),
  },
  chatRoomUpdated: {
    numbers: changeSeqOf,
    apply: (replica, { updatedChatRoom }) => replica.room(updatedChatRoom as ChatRoomResponse),
  },
};

const FIRSTS: ReadonlySet<string> = new Set(['newMessage', 'messageUpdated']);
const SECONDS: ReadonlySet<string> = new Set(['participantsChanged', 'messageDeleted']);

/** What a client knows of one room when it applies what it is told, to the letter. Fed by any wire. */
export class RoomReplica {
  readonly messages = new Map<string, MessageResponse>();
  readonly people = new Map<string, Place>();
  readonly faults: RoomFaults = { dup: 0, inversions: 0, jumps: 0 };
  settings: Settings | null = null;
  /** Every number up to this one is known. */
  cursor = 0;
  /** Numbers of live events on sockets, in the order of their arrival. */
  readonly heard: number[] = [];
  private isCatchingUp = false;
  private newestLive = 0;
  /** What brought the replica to its cursor. */
  private newestName = '';

  /** What `joinChatRoom` or `sync` answered to a question about what came after `since`. Returns whether to ask for more. */
  page(page: RoomPage, since: number): boolean {
    if (page.reset) this.forget();
    for (const message of page.messages) {
      if (message.changeSeq <= (page.reset ? 0 : since)) this.faults.dup++;
      this.put(message);
    }
    this.places(page.participants ?? []);
    if (page.chatRoom) this.room(page.chatRoom);
    this.isCatchingUp = page.more === true;
    if (this.isCatchingUp) this.cursor = page.until ?? page.messages.at(-1)?.changeSeq ?? this.cursor;
    else this.cursor = Math.max(page.head, this.newestLive);
    return this.isCatchingUp;
  }

  /** A live event. `seq`: what the wire says the event brings its reader to (SSE), which tells what was missed likewise. */
  event(name: string, payload: Payload, seq?: number): void {
    if (name === 'reset') return this.forget();
    const rule = ROOM_EVENTS[name];
    if (!rule) return;
    const numbers = rule.numbers(payload);
    if (numbers) this.number(name, numbers, seq);
    rule.apply(this, payload);
  }

  /** A new connection begins. */
  reconnected(): void {
    this.isCatchingUp = false;
    this.newestLive = 0;
  }

  put(message: MessageResponse): void {
    const known = this.messages.get(message.id);
    // Live events may have overtaken a page that was asked for while they came.
    if (known && known.changeSeq > message.changeSeq) return;
    this.messages.set(message.id, { ...message });
    const place = this.people.get(message.senderId ?? '');
    // Whoever says something has read what was there.
    if (place && place.changeSeq < message.seq)
      Object.assign(place, { lastReadSeq: message.seq, lastDeliveredSeq: message.seq, changeSeq: message.seq });
  }

  places(changed: readonly Place[]): void {
    for (const place of changed) {
      const known = this.people.get(place.userId);
      if (known && known.changeSeq > place.changeSeq) continue;
      const isBack = place.leftAt === undefined && place.joinedAt !== undefined;
      this.people.set(place.userId, { ...known, ...(isBack ? { leftAt: undefined } : {}), ...place });
    }
  }

  room({ name, isArchived, changeSeq, ...rest }: Settings & { participants?: Place[] }): void {
    if (changeSeq >= (this.settings?.changeSeq ?? 0)) this.settings = { name, isArchived, changeSeq };
    this.places(rest.participants ?? []);
  }

  /** All of it, to be compared with `freshRoom`. */
  state(): RoomState {
    const present = [...this.people.values()].filter(({ leftAt }) => leftAt === undefined);
    return stateOf(
      this.settings,
      present,
      [...this.messages.values()].map((message) => ({
        ...message,
        isRead: present.some(
          ({ userId, lastReadSeq = 0 }) => userId !== message.senderId && lastReadSeq >= message.seq,
        ),
      })),
    );
  }

  private number(name: string, [from, to]: [number, number], seq: number | undefined): void {
    if (seq === undefined) this.heard.push(to);
    this.newestLive = Math.max(this.newestLive, to);
    if (this.isCatchingUp) return;
    // What is told afterwards may be two events under one number: a message, and its sender's place or that it was
    // deleted. On a stream, how a room began has number 0.
    const isSecondOfTwo = SECONDS.has(name) && FIRSTS.has(this.newestName);
    const isSecond = to === this.cursor && (isSecondOfTwo || (seq !== undefined && to === 0));
    if (to < this.cursor) this.faults.inversions++;
    if (to <= this.cursor && !isSecond) this.faults.dup++;
    else if (seq === undefined && from > this.cursor + 1) this.faults.jumps++;
    if (to >= this.cursor) this.newestName = name;
    this.cursor = Math.max(this.cursor, to);
  }

  private forget(): void {
    this.messages.clear();
    this.people.clear();
    this.settings = null;
    this.cursor = 0;
    this.newestLive = 0;
  }
}

/** What is compared: the room's `updatedAt`, which every message moves, is left out, and numbers of places, which are a wire's business. */
export interface RoomState {
  name: string | null;
  isArchived: boolean;
  people: object[];
  messages: MessageResponse[];
}

export function stateOf(
  settings: Settings | null,
  people: readonly Place[],
  messages: readonly MessageResponse[],
): RoomState {
  return JSON.parse(
    JSON.stringify({
      name: settings?.name ?? null,
      isArchived: settings?.isArchived ?? false,
      people: people
        .map(({ userId, role, joinedAt, lastReadSeq, lastDeliveredSeq, user }) => ({
          ...{ userId, role, joinedAt, lastReadSeq, lastDeliveredSeq, name: user?.name },
        }))
        .sort((one, other) => one.userId.localeCompare(other.userId)),
      messages: [...messages]
        .sort((one, other) => one.seq - other.seq)
        .map((message) => Object.fromEntries(Object.entries(message).sort(([one], [other]) => (one < other ? -1 : 1)))),
    }),
  ) as RoomState;
}
