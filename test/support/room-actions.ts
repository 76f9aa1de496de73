import { randomUUID } from 'node:crypto';
import type { MessageResponse } from '../../src/messages/dto/message.response.dto.js';
import type { Ledger } from './ledger.js';
import type { Person } from './person.js';
import type { Random } from './random.js';
import type { RoomReplica } from './room-replica.js';
import type { Ack } from './room-watch.js';
import { wireCall } from './wire-call.js';

/** Somebody of a random room, as actions see them. */
export interface RoomActor {
  readonly person: Person;
  readonly replica: RoomReplica;
  /** A command over the live connection that the person has; null when it takes none or no answer came. */
  command(event: string, payload: object): Promise<Ack | null>;
  /** Breaks the person's live connection. */
  cut(): void;
}

export interface RoomScene {
  readonly roomId: string;
  readonly actor: RoomActor;
  readonly people: readonly RoomActor[];
  readonly random: Random;
  readonly ledger: Ledger;
  /** Where connections break. */
  readonly proxyUrl: string;
  /** Never removed, never leaves. */
  readonly observerId: string;
}

/** One thing that people do in a room. What the actor may not do is refused, and no harm. */
export interface RoomAction {
  name: string;
  /** How often it is picked, compared with others. */
  weight: number;
  run: (scene: RoomScene) => Promise<unknown>;
}

const messagesOf = ({ actor }: RoomScene, fits: (message: MessageResponse) => boolean = () => true) =>
  [...actor.replica.messages.values()].filter((it) => !it.deletedAt && fits(it));

/** One of them; null when there is none. */
const oneOf = <T>({ random }: RoomScene, from: readonly T[]): T | null => (from.length > 0 ? random.pick(from) : null);

const mine = (scene: RoomScene) =>
  oneOf(
    scene,
    messagesOf(scene, ({ senderId }) => senderId === scene.actor.person.id),
  );
const any = (scene: RoomScene) => oneOf(scene, messagesOf(scene));

/** More kinds of actions are added to this list. */
export const ROOM_ACTIONS: RoomAction[] = [
  { name: 'send', weight: 8, run: (scene) => send(scene, {}) },
  {
    name: 'reply',
    weight: 3,
    run: (scene) => {
      const target = any(scene);
      return send(scene, target ? { replyToId: target.id } : {});
    },
  },
  {
    name: 'attach',
    weight: 1,
    run: (scene) => send(scene, { fileUrl: 'https://example.com/a.png', fileName: 'a.png', fileSize: 3 }),
  },
  {
    name: 'edit',
    weight: 4,
    run: async (scene) => {
      const target = mine(scene);
      const content = `edited ${scene.random.next()}`;
      if (target)
        await either(scene, 'editMessage', { messageId: target.id, content }, 'PATCH', `/messages/${target.id}`, {
          content,
        });
    },
  },
  {
    name: 'delete',
    weight: 2,
    run: async (scene) => {
      const target = scene.random.chance(0.7) ? mine(scene) : any(scene);
      if (target) await either(scene, 'deleteMessage', { messageId: target.id }, 'DELETE', `/messages/${target.id}`);
    },
  },
  {
    name: 'react',
    weight: 5,
    run: async (scene) => {
      const target = any(scene);
      if (!target) return;
      const emoji = scene.random.pick(['👍', '🎉']);
      const on = scene.random.chance(0.7);
      const path = `/messages/${target.id}/reactions/${encodeURIComponent(emoji)}`;
      await either(scene, 'react', { messageId: target.id, emoji, on }, on ? 'POST' : 'DELETE', path);
    },
  },
  { name: 'read', weight: 5, run: (scene) => mark(scene, 'messageRead') },
  { name: 'deliver', weight: 3, run: (scene) => mark(scene, 'messageDelivered') },
  {
    name: 'add',
    weight: 4,
    run: async (scene) => {
      const ids = [scene.random.pick(scene.people).person.id, scene.random.pick(scene.people).person.id];
      const participantIds = [...new Set(ids)];
      const path = `/chat-rooms/${scene.roomId}/participants`;
      await either(scene, 'addParticipants', { chatRoomId: scene.roomId, participantIds }, 'POST', path, {
        participantIds,
      });
    },
  },
  {
    name: 'remove',
    weight: 2,
    run: async (scene) => {
      const { id } = scene.random.pick(scene.people).person;
      if (id !== scene.observerId) await takeOut(scene, id);
    },
  },
  {
    name: 'leave',
    weight: 1,
    run: async (scene) => {
      const { id } = scene.actor.person;
      if (id !== scene.observerId) await takeOut(scene, id);
    },
  },
  { name: 'rename', weight: 2, run: (scene) => update(scene, { name: `room ${scene.random.next()}` }) },
  { name: 'archive', weight: 1, run: (scene) => update(scene, { isArchived: scene.random.chance(0.5) }) },
  {
    name: 'typing',
    weight: 3,
    run: ({ actor, roomId, random }) => actor.command('typing', { chatRoomId: roomId, isTyping: random.chance(0.8) }),
  },
  {
    name: 'view',
    weight: 2,
    run: async ({ actor, roomId }) => {
      await actor.command('leaveChatRoom', { chatRoomId: roomId });
      await actor.command('joinChatRoom', { chatRoomId: roomId });
    },
  },
  { name: 'cut', weight: 4, run: ({ actor }) => Promise.resolve(actor.cut()) },
];

export function pickAction(random: Random, actions: readonly RoomAction[] = ROOM_ACTIONS): RoomAction {
  let at = random.next() * actions.reduce((sum, { weight }) => sum + weight, 0);
  return actions.find(({ weight }) => (at -= weight) < 0) ?? actions[0]!;
}

async function send(scene: RoomScene, more: object): Promise<void> {
  const { roomId, random, ledger } = scene;
  const message = {
    content: `${'word '.repeat(random.between(1, 20))}${random.next()}`,
    clientMessageId: randomUUID(),
  };
  const body = { ...message, ...more };
  const path = `/chat-rooms/${roomId}/messages`;
  const answer = await either(scene, 'sendMessage', { chatRoomId: roomId, ...body }, 'POST', path, body);
  const stored = answer && ((answer['message'] ?? answer) as unknown as MessageResponse);
  if (!stored) return;
  const { id: messageId, conversationId, seq, clientMessageId = null } = stored;
  ledger.ack({ conversationId, messageId, seq, clientMessageId });
}

async function mark(scene: RoomScene, event: 'messageRead' | 'messageDelivered'): Promise<void> {
  const target = any(scene);
  if (!target) return;
  const { roomId, actor } = scene;
  const payload = { chatRoomId: roomId, messageId: target.id };
  if (event === 'messageDelivered') await actor.command(event, payload);
  else await either(scene, event, payload, 'POST', `/chat-rooms/${roomId}/read`, { seq: target.seq });
}

const takeOut = (scene: RoomScene, participantId: string) =>
  either(
    scene,
    'removeParticipant',
    { chatRoomId: scene.roomId, participantId },
    'DELETE',
    `/chat-rooms/${scene.roomId}/participants/${participantId}`,
  );

const update = (scene: RoomScene, updates: object) =>
  either(
    scene,
    'updateChatRoom',
    { chatRoomId: scene.roomId, updates },
    'PATCH',
    `/chat-rooms/${scene.roomId}`,
    updates,
  );

/** Over the live connection where it takes commands, else, and when no answer came, over REST until one does. Null: refused. */
async function either(
  scene: RoomScene,
  event: string,
  payload: object,
  method: string,
  path: string,
  body?: object,
): Promise<Record<string, unknown> | null> {
  const { actor, random } = scene;
  const ack = random.chance(0.6) ? await actor.command(event, payload) : null;
  if (ack) return ack.ok ? ack : null;
  for (let attempt = 0; attempt < 60; attempt++) {
    const url = attempt < 20 ? scene.proxyUrl : actor.person.url;
    const call = { method, path, token: actor.person.token, isAlone: true, ...(body ? { body } : {}) };
    const answer = await wireCall(url, call).catch(() => null);
    if (!answer || answer.status === 503 || answer.status === 429) continue;
    if (answer.status < 300) return JSON.parse(answer.text) as Record<string, unknown>;
    if ([403, 404, 409, 422].includes(answer.status)) return null;
    throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`);
  }
  throw new Error(`${method} ${path} was never answered`);
}
