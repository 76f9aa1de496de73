import { isEvent, type ServerEvent, type ServerEventPayloads } from '../contract/server-events.js';

type Done = ServerEventPayloads['message:done'];

export interface AnswerListener {
  /** `end`: how far the text goes with this piece, in UTF-16 units. */
  delta?: (delta: string, end: number) => void;
  /** It ended, and is stored as `content`. */
  done: (done: Done, content: string) => void;
}

/** Picks the answer to one question out of a session's events: the first answer that begins after it. */
export class AnswerFollower {
  private messageId: string | null = null;
  private content = '';

  /** `questionSeq` null: the answer that is under way now, whatever the question. `length`: how much of it was told before. */
  constructor(
    private readonly questionSeq: number | null,
    private readonly on: AnswerListener,
    private length = 0,
  ) {}

  take(event: ServerEvent): void {
    if (isEvent(event, 'message:new') || isEvent(event, 'message:update')) {
      const { id, role, senderId, seq, content, supersededById } = event.payload;
      // What a person only stored in the assistant's name answers nothing.
      const isAnswer = role === 'assistant' && senderId === null && supersededById === undefined;
      if (isAnswer && seq > (this.questionSeq ?? -1) && (this.messageId === null || this.questionSeq === null))
        this.messageId = id;
      if (id === this.messageId) {
        this.content = content;
        this.add(content, 0);
      }
    } else if (isEvent(event, 'message:stream')) {
      const { messageId, delta, offset } = event.payload;
      // Where no question is given, the reader comes to whatever is being written.
      if (this.questionSeq === null && this.messageId === null) {
        this.messageId = messageId;
        this.length = Math.max(this.length, offset);
      }
      if (messageId === this.messageId) this.add(delta, offset);
    } else if (isEvent(event, 'message:done') && event.payload.messageId === this.messageId) {
      this.on.done(event.payload, this.content);
    }
  }

  /** What was told already is left out, and what comes behind a gap: the message holds all of it when it has ended. */
  private add(text: string, offset: number): void {
    if (offset > this.length) return;
    const fresh = text.slice(Math.max(0, this.length - offset));
    if (fresh === '') return;
    this.length += fresh.length;
    this.on.delta?.(fresh, this.length);
  }
}
