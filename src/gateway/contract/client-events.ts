import type { CommandEntry } from './entries.js';
import { CONNECTION_COMMANDS } from './connection-commands.js';
import { ROOM_COMMANDS } from './room-commands.js';
import { SESSION_COMMANDS } from './session-commands.js';

/** Every command that a client may send on `/chat`; each has exactly one handler, checked at start. */
export const CLIENT_COMMANDS = { ...CONNECTION_COMMANDS, ...SESSION_COMMANDS, ...ROOM_COMMANDS };

export type ClientEventName = keyof typeof CLIENT_COMMANDS;

type Entry<N extends ClientEventName> = (typeof CLIENT_COMMANDS)[N];

/** What a command takes, once it is checked. */
export type CommandInput<N extends ClientEventName> = Entry<N> extends CommandEntry<infer I, infer _> ? I : never;

/** What its ack carries beside `ok: true`. */
export type CommandAck<N extends ClientEventName> =
  Entry<N> extends CommandEntry<infer _, infer A> ? (A extends object ? A : void) : never;

export const CLIENT_EVENTS = Object.keys(CLIENT_COMMANDS) as ClientEventName[];
