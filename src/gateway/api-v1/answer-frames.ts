import { CLOSE_REASONS } from '../contract/close-reasons.js';
import type { ApiV1Frames } from '../contract/stream-frames.js';
import type { AnswerFormat } from '../sse/answer-format.js';

/** One frame as this dialect spells it: no blank after a colon. JSON has no raw line breaks, so no text can forge a frame. */
const frame = <N extends keyof ApiV1Frames>(event: N, data: ApiV1Frames[N]): string =>
  `event:${event}\ndata:${JSON.stringify(data)}\n\n`;

const BARE: AnswerFormat = {
  contentType: 'text/event-stream',
  heartbeat: ':keep-alive\n\n',
  delta: (content) => frame('message', { content, type: 'token' }),
  ended: ({ status, content, usage, error }) => {
    if (error) return frame('error', { error: error.message });
    return frame('message', {
      content,
      ...(status === 'complete' ? {} : { is_incomplete: true }),
      tokens: usage?.completionTokens ?? 0,
      type: 'complete',
    });
  },
  closing: (reason) => frame('error', { error: CLOSE_REASONS[reason] }),
};

/** The answer to one question as frames. Those who can resume are told with each piece where it ends. */
export function answerFrames({ withIds }: { withIds: boolean }): AnswerFormat {
  if (!withIds) return BARE;
  return { ...BARE, delta: (content, end) => `id:${end}\n${BARE.delta(content, end)}` };
}
