import type { ChatResponse } from '../../operators/dto/chat.response.dto.js';
import type { DeskMessageResponse } from '../../operators/dto/desk-message.response.dto.js';
import {
  DeskAuthCommand,
  DeskChatFrame,
  DeskChatRemovedFrame,
  DeskConnectedFrame,
  DeskDeltaFrame,
  DeskErrorFrame,
  DeskMessageUpdateFrame,
  DeskNewMessageFrame,
  DeskOperatorFrame,
  DeskPingFrame,
  DeskPongFrame,
  DeskSignCommand,
  DeskStatusFrame,
  DeskSubscribeCommand,
  DeskSubscribedFrame,
  DeskSyncCommand,
  DeskSyncedFrame,
  DeskUnsubscribedFrame,
} from '../dto/desk-frames.dto.js';
import { event, type PayloadsOf } from './entries.js';
import { ADA, ANSWER, BOB, SESSION, TOKEN } from './example-values.js';

const SERVER = 'the server';
const SEEING = 'every desk that sees the chat';
const timestamp = '2026-11-21T09:02:11.040Z';
const cursor = '5f2c81aa.90417';

const SAID: DeskMessageResponse = {
  id: '01a1fd56-7a10-7c44-9d1e-1b7c4a0e55d3',
  chat_id: SESSION,
  author_type: 'user',
  author_id: ADA,
  text: 'Where is my tea?',
  timestamp,
  is_read: false,
  seq: 14,
  metadata: { role: 'user', status: 'complete', change_seq: 14 },
};

const CHAT: ChatResponse = {
  id: SESSION,
  status: 'waiting',
  priority: 'medium',
  source: 'website',
  operator_id: null,
  user_id: ADA,
  user: {
    id: ADA,
    telegram_id: null,
    username: null,
    first_name: 'Ada',
    last_name: 'Lovelace',
    name: 'Ada Lovelace',
    language_code: null,
    is_blocked: false,
    created_at: '2026-11-20T16:20:00.000Z',
  },
  last_message: SAID,
  unread_count: 1,
  is_pinned: false,
  tags: [],
  escalation_reason: null,
  resolution: null,
  rating: null,
  escalated_at: timestamp,
  waiting_since: timestamp,
  first_response_at: null,
  closed_at: null,
  sla_breached_at: null,
  created_at: '2026-11-20T16:21:00.000Z',
  updated_at: timestamp,
};

/** What a desk says. */
export const DESK_COMMANDS = {
  auth: event(DeskAuthCommand, { to: SERVER, example: { type: 'auth', token: TOKEN } }),
  subscribe_to_chat: event(DeskSubscribeCommand, {
    to: SERVER,
    example: { type: 'subscribe_to_chat', chatId: SESSION },
  }),
  unsubscribe_from_chat: event(DeskSubscribeCommand, {
    to: SERVER,
    example: { type: 'unsubscribe_from_chat', chatId: SESSION },
  }),
  sync: event(DeskSyncCommand, { to: SERVER, example: { type: 'sync', since: cursor } }),
  ping: event(DeskSignCommand, { to: SERVER, example: { type: 'ping' } }),
};

/** What the server says to desks; the name is the `type`. */
export const DESK_FRAMES = {
  connection_established: event(DeskConnectedFrame, {
    to: 'who was let in',
    example: {
      type: 'connection_established',
      data: { connectionId: '01a1fd56-70cc-7e02-8b0d-6a1f0b9e2c41', operatorId: BOB, role: 'operator', cursor },
      timestamp,
    },
  }),
  new_message: event(DeskNewMessageFrame, {
    to: `${SEEING}: a message, once its text is whole`,
    example: { type: 'new_message', data: { chatId: SESSION, message: SAID }, timestamp, cursor },
  }),
  message_update: event(DeskMessageUpdateFrame, {
    to: `${SEEING}: a message was edited, deleted or replaced by another branch`,
    example: {
      type: 'message_update',
      data: { chatId: SESSION, message: { ...SAID, text: 'Where is my green tea?' } },
      timestamp,
    },
  }),
  chat_status_change: event(DeskStatusFrame, {
    to: 'every desk that sees the chat, or saw it before',
    example: {
      type: 'chat_status_change',
      data: { chatId: SESSION, status: 'in_progress', operatorId: BOB },
      timestamp,
      cursor,
    },
  }),
  chat_update: event(DeskChatFrame, {
    to: `${SEEING}: something of the chat itself changed`,
    example: { type: 'chat_update', data: { chatId: SESSION, chat: CHAT }, timestamp, cursor },
  }),
  chat_removed: event(DeskChatRemovedFrame, {
    to: 'every desk that saw the chat, which is deleted',
    example: { type: 'chat_removed', data: { chatId: SESSION }, timestamp, cursor },
  }),
  message_delta: event(DeskDeltaFrame, {
    to: 'desks that subscribed to the chat: a piece of what the assistant is writing',
    example: {
      type: 'message_delta',
      data: { chatId: SESSION, messageId: ANSWER.id, delta: 'Gladly,', offset: 0 },
      timestamp,
    },
  }),
  operator_status_change: event(DeskOperatorFrame, {
    to: 'every desk',
    example: { type: 'operator_status_change', data: { operatorId: BOB, status: 'away' }, timestamp },
  }),
  subscribed: event(DeskSubscribedFrame, {
    to: 'who subscribed',
    example: { type: 'subscribed', data: { chatId: SESSION }, timestamp },
  }),
  unsubscribed: event(DeskUnsubscribedFrame, {
    to: 'who unsubscribed, or sees the chat no more',
    example: { type: 'unsubscribed', data: { chatId: SESSION }, timestamp },
  }),
  synced: event(DeskSyncedFrame, {
    to: 'who asked for what it missed, after that',
    example: {
      type: 'synced',
      data: { cursor, complete: true, operators: [{ operatorId: BOB, status: 'online' }] },
      timestamp,
    },
  }),
  ping: event(DeskPingFrame, {
    to: 'every desk, now and then',
    example: { type: 'ping', data: { cursor }, timestamp },
  }),
  pong: event(DeskPongFrame, { to: 'who sent `ping`', example: { type: 'pong', data: {}, timestamp } }),
  error: event(DeskErrorFrame, {
    to: 'whose frame was refused; the connection stays open',
    example: {
      type: 'error',
      data: { code: 'UNKNOWN_EVENT', message: 'No such event.', event: 'shout' },
      timestamp,
    },
  }),
};

type DeskFrames = PayloadsOf<typeof DESK_FRAMES>;
export type DeskFrameType = keyof DeskFrames;
export type DeskFrame = DeskFrames[DeskFrameType];
export type DeskFrameData<T extends DeskFrameType> = {
  [N in DeskFrameType]: DeskFrames[N] extends { data: infer D } ? D : never;
}[T];

/** A frame as it leaves now. */
export function deskFrame<T extends DeskFrameType>(type: T, data: DeskFrameData<T>): DeskFrame {
  return { type, data, timestamp: new Date().toISOString() } as DeskFrame;
}

/** The same, with where its reader stands after it. */
export const withCursor = (frame: DeskFrame, at: string): DeskFrame => Object.assign({}, frame, { cursor: at });
