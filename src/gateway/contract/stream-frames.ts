import {
  ChunkFrame,
  ClosingLine,
  CompleteFrame,
  DeltaLine,
  DoneFrame,
  DoneLine,
  ErrorFrame,
  FailedLine,
  RefusedFrame,
  SaidFrame,
  TokenFrame,
} from '../dto/frames.dto.js';
import { CLOSE_REASONS } from './close-reasons.js';
import { event, type PayloadsOf } from './entries.js';
import { ANSWER, USAGE } from './example-values.js';

const READER = 'the reader';

/** Lines of NDJSON. */
export const NDJSON_LINES = {
  delta: event(DeltaLine, { to: READER, example: { delta: 'Gladly,' } }),
  done: event(DoneLine, {
    to: READER,
    example: { done: true, messageId: ANSWER.id, status: 'complete', usage: USAGE },
  }),
  failed: event(FailedLine, {
    to: READER,
    example: { error: { code: 'AI_UNAVAILABLE', message: 'The model cannot be reached.' }, messageId: ANSWER.id },
  }),
  closing: event(ClosingLine, {
    to: READER,
    example: { closing: { reason: 'server_shutting_down', message: CLOSE_REASONS.server_shutting_down } },
  }),
};

/** Frames of `/api/v1`; the name is that of the SSE event up to the dot. */
export const API_V1_FRAMES = {
  'message.token': event(TokenFrame, { to: READER, example: { content: 'Gladly,', type: 'token' } }),
  'message.complete': event(CompleteFrame, {
    to: READER,
    example: { content: ANSWER.content, tokens: 5, type: 'complete' },
  }),
  error: event(ErrorFrame, { to: READER, example: { error: 'The model cannot be reached.' } }),
};

/** What a client says on the plain WebSocket. */
export const PLAIN_COMMANDS = {
  message: event(SaidFrame, { to: 'the server', example: { type: 'message', content: 'Hello' } }),
};

/** What the server says on the plain WebSocket; the name is the `type`. */
export const PLAIN_FRAMES = {
  chunk: event(ChunkFrame, { to: READER, example: { type: 'chunk', content: 'You' } }),
  done: event(DoneFrame, { to: READER, example: { type: 'done' } }),
  error: event(RefusedFrame, { to: READER, example: { type: 'error', message: 'A frame must be a JSON object.' } }),
};

type OneOf<C> = PayloadsOf<C>[keyof C];

export type NdjsonLine = OneOf<typeof NDJSON_LINES>;

/** Data of `/api/v1` frames, by the name of their SSE event. */
export interface ApiV1Frames {
  message: PayloadsOf<typeof API_V1_FRAMES>['message.token' | 'message.complete'];
  error: PayloadsOf<typeof API_V1_FRAMES>['error'];
}

export type PlainFrame = OneOf<typeof PLAIN_FRAMES>;
