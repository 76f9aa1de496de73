import type { ServerEvent, ServerEventPayloads } from '../contract/server-events.js';

type Done = ServerEventPayloads['message:done'];

/** Picks the answer to one question out of a session's events: the first answer that begins after it. */
export class AnswerFollower {
  private messageId: string | null = null;
  private length = 0;

  /** `questionSeq` null: the answer that is under way now, whatever the question. */
  constructor(
    private readonly questionSeq: number | null,
    private readonly on: { delta?: (delta: string) => void; done: (done: Done) => void },
  ) {}

  take(event: ServerEvent): void {
    if (isEvent(event, 'message:new') || isEvent(event, 'message:update')) {
      const { id, role, seq, content, supersededById } = event.payload;
      const isAnswer = role === 'assistant' && supersededById === undefined && seq > (this.questionSeq ?? -1);
      if (isAnswer && (this.messageId === null || this.questionSeq === null)) this.messageId = id;
      if (id === this.messageId) this.add(content, 0);
    } else if (isEvent(event, 'message:stream')) {
      const { messageId, delta, offset } = event.payload;
      if (this.questionSeq === null) this.messageId ??= messageId;
      if (messageId === this.messageId) this.add(delta, offset);
    } else if (isEvent(event, 'message:done') && event.payload.messageId === this.messageId) {
      this.on.done(event.payload);
    }
  }

  /** What was told already is left out. */
  private add(text: string, offset: number): void {
    const fresh = text.slice(Math.max(0, this.length - offset));
    if (fresh === '') return;
    this.on.delta?.(fresh);
    this.length = Math.max(this.length, offset) + fresh.length;
  }
}

function isEvent<N extends ServerEvent['name']>(event: ServerEvent, name: N): event is ServerEvent<N> {
  return event.name === name;
}
