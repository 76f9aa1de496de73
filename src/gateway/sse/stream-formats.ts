import type { NdjsonLine } from '../contract/stream-frames.js';
import { CLOSE_REASONS, type CloseReason } from '../contract/close-reasons.js';
import { serverEvent, type ServerEvent } from '../contract/server-events.js';
import type { AnswerFormat } from './answer-format.js';
import type { StreamFormat } from './http-stream.js';

/** The names and payloads of the socket, `id: <seq>.<offset>`. JSON has no raw line breaks, so no text can forge a frame. */
export function sseFrame({ name, payload, position }: ServerEvent): string {
  const id = position ? `id: ${position.seq}.${position.offset}\n` : '';
  return `${id}event: ${name}\ndata: ${JSON.stringify(payload)}\n\n`;
}

const ndjsonLine = (value: NdjsonLine): string => `${JSON.stringify(value)}\n`;

const describe = (reason: CloseReason) => ({ reason, message: CLOSE_REASONS[reason] });

export const SSE_FORMAT: StreamFormat = {
  contentType: 'text/event-stream',
  heartbeat: ': keep-alive\n\n',
  closing: (reason) => sseFrame(serverEvent('closing', describe(reason))),
};

/** `{"delta"}` …, then `{"done":true,"messageId"}`, or `{"error"}` where there is no text. */
export const NDJSON_FORMAT: AnswerFormat = {
  contentType: 'application/x-ndjson',
  heartbeat: '',
  closing: (reason) => ndjsonLine({ closing: describe(reason) }),
  delta: (delta) => ndjsonLine({ delta }),
  ended: ({ messageId, status, usage, error }) =>
    ndjsonLine(
      status === 'failed' && error
        ? { error, messageId }
        : { done: true, messageId, status, ...(usage ? { usage } : {}) },
    ),
};

/** Where a reader stands: the number it has, and how far it has the running text. */
export interface StreamCursor {
  since: number;
  offset: number;
}

/** Of a reader whose number cannot be read, or was never given out: it is told everything anew. */
const NEVER_REACHED: StreamCursor = { since: 2_147_483_647, offset: 0 };

/** The cursor of a reader that says where it stands; null when it does not. */
export function givenCursor(text: string | undefined): StreamCursor | null {
  return text === undefined || text === '' ? null : (parseCursor(text) ?? NEVER_REACHED);
}

/** Reads `<seq>` or `<seq>.<offset>`; null when it is neither. */
export function parseCursor(text: string | undefined): StreamCursor | null {
  const match = /^(\d{1,10})(?:\.(\d{1,10}))?$/.exec(text ?? '');
  if (!match) return null;
  const since = Number(match[1]);
  return since > 2_147_483_647 ? null : { since, offset: Number(match[2] ?? 0) };
}
