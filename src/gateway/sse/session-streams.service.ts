import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import type { Actor } from '../../common/actor.js';
import { AppError } from '../../common/errors/app-error.js';
import { toWireError } from '../../common/errors/describe-error.js';
import type { ErrorCode } from '../../common/errors/error-catalogue.js';
import { newId } from '../../common/ids.js';
import { ReadinessState } from '../../health/readiness-state.js';
import { MessagesService } from '../../messages/messages.service.js';
import { MetricsService } from '../../metrics/metrics.service.js';
import { conversationRoom, signInRoom, userRoom } from '../contract/room-names.js';
import type { ServerEvent } from '../contract/server-events.js';
import { StreamWire } from '../delivery/stream-wire.js';
import { WatchService } from '../delivery/watch.service.js';
import { AnswerFollower } from './answer-follower.js';
import { HttpStream, type StreamFormat } from './http-stream.js';
import { snapshotEvents } from './snapshot-events.js';
import { NDJSON_FORMAT, SSE_FORMAT, ndjsonLine, sseFrame, type StreamCursor } from './stream-formats.js';

/** A question that is asked over a stream. */
export interface StreamedQuestion {
  sessionId: string;
  prompt: string;
  /** Makes a repetition harmless. */
  requestId?: string;
}

type Reader = (stream: HttpStream) => (event: ServerEvent) => void;

/** Streams sessions and single answers over HTTP. Whoever goes away does not stop the answer. Refusals come before the stream, as JSON. */
@Injectable()
export class SessionStreams {
  constructor(
    private readonly wire: StreamWire,
    private readonly watching: WatchService,
    private readonly messages: MessagesService,
    private readonly readiness: ReadinessState,
    private readonly metrics: MetricsService,
  ) {}

  /** A live tail of a session; what came after `cursor` first. */
  async tail(actor: Actor, sessionId: string, cursor: StreamCursor | null, response: Response): Promise<void> {
    const from = cursor ?? { since: await this.messages.head(actor, sessionId), offset: 0 };
    await this.open(actor, sessionId, from, response, SSE_FORMAT, (stream) => writeSse(stream, sessionId));
  }

  /** Stores a question and streams its answer, then ends. A repetition is not asked again, its answer is streamed. */
  async ask(actor: Actor, question: StreamedQuestion, response: Response): Promise<void> {
    const { sessionId } = question;
    const seq = await this.store(actor, question);
    await this.open(actor, sessionId, { since: seq - 1, offset: 0 }, response, SSE_FORMAT, (stream) =>
      writeSseUntilDone(stream, sessionId, seq),
    );
  }

  /** Goes on with a stream that broke: the rest of the answer that was under way, then it ends. 204 when there is nothing more. */
  async resume(actor: Actor, sessionId: string, cursor: StreamCursor, response: Response): Promise<void> {
    const head = await this.messages.head(actor, sessionId);
    if (head <= cursor.since && this.messages.runningText(sessionId) === null) {
      // EventSource connects again for ever unless it is told that there is no content.
      response.status(204).end();
      return;
    }
    await this.open(actor, sessionId, cursor, response, SSE_FORMAT, (stream) =>
      writeSseUntilDone(stream, sessionId, null),
    );
  }

  /** The bare text of one answer as NDJSON: `{"delta"}` …, `{"done":true,"messageId"}` or `{"error"}`. */
  async askNdjson(actor: Actor, question: StreamedQuestion, response: Response): Promise<void> {
    const seq = await this.store(actor, question);
    await this.open(actor, question.sessionId, { since: seq - 1, offset: 0 }, response, NDJSON_FORMAT, (stream) => {
      const follower = new AnswerFollower(seq, {
        delta: (delta) => stream.write(ndjsonLine({ delta })),
        done: ({ messageId, status, usage, error }) => {
          const code = (error?.code ?? 'AI_UNAVAILABLE') as ErrorCode;
          const end =
            status === 'failed'
              ? { error: toWireError(new AppError(code)), messageId }
              : { done: true, messageId, status, ...(usage ? { usage } : {}) };
          stream.write(ndjsonLine(end));
          stream.end();
        },
      });
      return (event) => follower.take(event);
    });
  }

  private async store(actor: Actor, { sessionId, prompt, requestId }: StreamedQuestion): Promise<number> {
    if (this.readiness.isDraining) throw new AppError('SERVER_DRAINING');
    const { message } = await this.messages.sendToSession(actor, {
      sessionId,
      role: 'user',
      content: prompt,
      clientMessageId: requestId,
    });
    return message.seq;
  }

  private async open(
    actor: Actor,
    sessionId: string,
    cursor: StreamCursor,
    response: Response,
    format: StreamFormat,
    reader: Reader,
  ): Promise<void> {
    if (this.readiness.isDraining) throw new AppError('SERVER_DRAINING');
    const id = newId();
    await this.watching.open(actor, sessionId, id, cursor.since, (snapshot) => {
      if (response.destroyed) return;
      const expiry = setTimeout(() => stream.close('token_expired'), Math.max(0, actor.expiresAt - Date.now())).unref();
      const stream = new HttpStream(id, response, format, () => {
        clearTimeout(expiry);
        this.metrics.connectionClosed('sse');
        this.wire.remove(stream);
        this.watching.release(sessionId);
      });
      this.metrics.connectionOpened('sse');
      stream.onEvent = reader(stream);
      for (const room of [conversationRoom(sessionId), userRoom(actor.userId), signInRoom(actor.signInId)])
        this.wire.join(stream, room);
      for (const event of snapshotEvents(sessionId, snapshot, cursor)) stream.send(event);
    });
  }
}

function writeSse(stream: HttpStream, sessionId: string): (event: ServerEvent) => void {
  // Other sessions of the same person are told to all of their connections; this stream is about one.
  return (event) => {
    if (!('sessionId' in event.payload) || event.payload.sessionId === sessionId) stream.write(sseFrame(event));
  };
}

function writeSseUntilDone(
  stream: HttpStream,
  sessionId: string,
  questionSeq: number | null,
): (event: ServerEvent) => void {
  const write = writeSse(stream, sessionId);
  const follower = new AnswerFollower(questionSeq, { done: () => stream.end() });
  return (event) => {
    write(event);
    follower.take(event);
  };
}
