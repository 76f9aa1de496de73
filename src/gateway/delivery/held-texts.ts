import { isEvent, type ServerEvent } from '../contract/server-events.js';

type Piece = ServerEvent<'message:stream'>;

/** What can wait until its reader has caught up: pieces of running texts, joined to one a message, and who is here, as it is then. */
export class HeldTexts {
  private readonly pieces = new Map<string, Piece>();
  /** By person. */
  private readonly presence = new Map<string, ServerEvent>();

  get isEmpty(): boolean {
    return this.pieces.size === 0 && this.presence.size === 0;
  }

  /** UTF-16 units. */
  get length(): number {
    let length = 0;
    for (const { payload } of this.pieces.values()) length += payload.delta.length;
    return length;
  }

  /** Takes what need not be told now, or at all: who is typing is forgotten. Returns whether it did. */
  hold(event: ServerEvent): boolean {
    if (event.name === 'typing' || event.name === 'userTyping') return true;
    if (isEvent(event, 'presence')) {
      this.presence.set(event.payload.userId, event);
      return true;
    }
    if (!isEvent(event, 'message:stream')) return false;
    const { messageId } = event.payload;
    const before = this.pieces.get(messageId);
    this.pieces.set(messageId, before ? join(before, event) : event);
    return true;
  }

  /** What has to be told before `next`; a text that `next` holds whole is forgotten. */
  release(next?: ServerEvent): ServerEvent[] {
    if (this.isEmpty) return [];
    if (next && (isEvent(next, 'message:update') || isEvent(next, 'message:new'))) this.pieces.delete(next.payload.id);
    const held = [...this.pieces.values(), ...this.presence.values()];
    this.pieces.clear();
    this.presence.clear();
    return held;
  }
}

/** Pieces follow each other; one that is told again begins earlier. */
function join(before: Piece, piece: Piece): Piece {
  const { offset, delta } = before.payload;
  const keep = Math.max(0, piece.payload.offset - offset);
  return {
    ...piece,
    payload: {
      ...piece.payload,
      offset: Math.min(offset, piece.payload.offset),
      delta: delta.slice(0, keep) + piece.payload.delta,
    },
  };
}
