import type { Actor } from '../../common/actor.js';
import type { MessageRecord, SupportChatVisibility } from '../../events/domain-events.js';
import type { DeskChange } from '../../operators/desk-changes.js';
import { toDeskMessage } from '../../operators/desk-message.js';
import { toChatResponse } from '../../operators/dto/chat.response.dto.js';
import { maySee, type SupportChatView } from '../../operators/support-chat.js';
import { deskFrame, type DeskFrame } from '../contract/desk-frames.js';

/** What happened to one chat since a reader was last told about it. */
export interface ChatTelling {
  chatId: string;
  /** Who could see it before each of the changes. */
  formers: (SupportChatVisibility | null)[];
  now: DeskChange['now'];
  isChanged: boolean;
  /** Messages that changed after this number are told; null: none. */
  since: number | null;
  /** Those that came after this one are new to the reader. */
  newSince: number | null;
}

/** Joins changes by chat, in the order of each chat's last one. */
export function tellingsOf(changes: readonly DeskChange[]): ChatTelling[] {
  const byChat = new Map<string, ChatTelling>();
  for (const { chatId, former, now, isChanged, baseSeq } of changes) {
    const before = byChat.get(chatId);
    // Transactions that wait for each other at a chat take its numbers in another order than theirs.
    const since = smaller(before?.since ?? null, baseSeq);
    byChat.delete(chatId);
    byChat.set(chatId, {
      chatId,
      formers: [...(before?.formers ?? []), former],
      now,
      isChanged: isChanged || before?.isChanged === true,
      since,
      newSince: since,
    });
  }
  return [...byChat.values()];
}

export function smaller(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}

/** What is at hand to tell it. */
export interface Material {
  /** Of each chat, by `changeSeq`. */
  messages: ReadonlyMap<string, readonly MessageRecord[]>;
  views: ReadonlyMap<string, SupportChatView>;
  /** How chats are that moved while this was read. */
  moved: ReadonlyMap<string, SupportChatVisibility>;
}

/** The frames for one reader: what it may see now, and that it may not any more. */
export function framesFor(viewer: Actor, tellings: readonly ChatTelling[], material: Material): DeskFrame[] {
  return tellings.flatMap((telling) => framesOfChat(viewer, telling, material));
}

function framesOfChat(viewer: Actor, telling: ChatTelling, { messages, views, moved }: Material): DeskFrame[] {
  const { chatId, formers, isChanged, since, newSince } = telling;
  const saw = formers.some((former) => former !== null && maySee(viewer, former));
  if (!telling.now) return saw ? [deskFrame('chat_removed', { chatId })] : [];
  const latest = moved.get(chatId) ?? telling.now;
  const sees = maySee(viewer, telling.now) && maySee(viewer, latest);
  if (!sees) return saw ? [statusFrame(chatId, latest)] : [];
  const frames: DeskFrame[] = [];
  const [first] = formers;
  if (first?.status !== telling.now.status || first.operatorId !== telling.now.operatorId)
    frames.push(statusFrame(chatId, telling.now));
  const view = views.get(chatId);
  if (view && maySee(viewer, view) && (isChanged || !saw))
    frames.push(deskFrame('chat_update', { chatId, chat: toChatResponse(view) }));
  if (since === null) return frames;
  for (const message of messages.get(chatId) ?? [])
    if (message.changeSeq > since) frames.push(messageFrame(message, newSince ?? since, telling.now.readSeq));
  return frames;
}

function statusFrame(chatId: string, { status, operatorId }: SupportChatVisibility): DeskFrame {
  return deskFrame('chat_status_change', { chatId, status, ...(operatorId === null ? {} : { operatorId }) });
}

/** A message is new when its text has just become whole: when it came, or when the assistant ended it. */
function messageFrame(message: MessageRecord, since: number, readSeq: number): DeskFrame {
  const { conversationId: chatId, role, seq, changeSeq } = message;
  const isShown = message.deletedAt === null && message.supersededById === null;
  const isEnded = role === 'assistant' && changeSeq > seq && message.editedAt === null;
  const type = isShown && (seq > since || isEnded) ? 'new_message' : 'message_update';
  return deskFrame(type, { chatId, message: toDeskMessage(message, readSeq) });
}
