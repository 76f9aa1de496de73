import type { MessageRole } from '../events/domain-events.js';

/** An AI session as it is stored; its id is that of its conversation. */
export interface SessionRecord {
  id: string;
  ownerId: string;
  /** null until it is given one. */
  title: string | null;
  /** With `provider`: both null for the server's default, which is looked up when an answer starts. */
  model: string | null;
  provider: string | null;
  systemPrompt: string | null;
  groupId: string | null;
  isFavorite: boolean;
  archivedAt: Date | null;
  createdAt: Date;
  /** The latest activity: a message, a change of its settings. */
  updatedAt: Date;
}

/** The newest message that is neither deleted nor replaced. */
export interface LastMessage {
  id: string;
  role: MessageRole;
  /** Its first 200 characters. */
  content: string;
  createdAt: Date;
  seq: number;
}

/** A session as people see it: with the model that would answer now. */
export interface SessionView {
  id: string;
  title: string | null;
  model: string;
  provider: string;
  groupId: string | null;
  isFavorite: boolean;
  isArchived: boolean;
  lastMessage?: LastMessage;
  createdAt: Date;
  updatedAt: Date;
}

export interface NewSession {
  title?: string | null;
  groupId?: string | null;
  model?: string | null;
  provider?: string | null;
  systemPrompt?: string | null;
}

/** What is absent stays as it is. */
export interface SessionChanges {
  title?: string;
  isFavorite?: boolean;
  groupId?: string | null;
  /** null: the server's default again. */
  model?: string | null;
  provider?: string;
  archived?: boolean;
}

export interface SessionFilter {
  /** Text of a title or of a message. */
  search?: string;
  /** Only the archived ones, or only the others; both when absent. */
  archived?: boolean;
  groupId?: string;
  favorite?: boolean;
}

/** What the assistant goes by in a session. */
export type AnswerSettings = Pick<SessionRecord, 'ownerId' | 'title' | 'provider' | 'model' | 'systemPrompt'>;
