import { Injectable } from '@nestjs/common';
import type { MessageRecord } from '../events/domain-events.js';

/** The text so far of an answer that is being written on this node. */
export interface RunningText {
  readonly messageId: string;
  /** The place of its message. */
  readonly seq: number;
  readonly content: string;
}

/** What the assistant is writing right now: the database only has a checkpoint of it. */
@Injectable()
export class RunningTexts {
  private readonly byConversation = new Map<string, RunningText>();

  /** `text` is read whenever somebody asks, so it may grow. */
  set(conversationId: string, text: RunningText): void {
    this.byConversation.set(conversationId, text);
  }

  clear(conversationId: string, text: RunningText): void {
    if (this.byConversation.get(conversationId) === text) this.byConversation.delete(conversationId);
  }

  find(conversationId: string): RunningText | null {
    return this.byConversation.get(conversationId) ?? null;
  }

  /** The message with the text so far, if it is the one that is being written. */
  fill(message: MessageRecord): MessageRecord {
    if (message.status !== 'streaming' || message.deletedAt !== null) return message;
    const running = this.find(message.conversationId);
    return running?.messageId === message.id ? { ...message, content: running.content } : message;
  }
}
