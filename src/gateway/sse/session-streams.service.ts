import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { ActorResolver } from '../../auth/actor-resolver.service.js';
import type { Actor } from '../../common/actor.js';
import { AppError } from '../../common/errors/app-error.js';
import { newId } from '../../common/ids.js';
import { ReadinessState } from '../../health/readiness-state.js';
import { MessagesService } from '../../messages/messages.service.js';
import { MetricsService } from '../../metrics/metrics.service.js';
import { conversationRoom, signInRoom, userRoom } from '../contract/room-names.js';
import { isEvent, type ServerEvent } from '../contract/server-events.js';
import { StreamWire } from '../delivery/stream-wire.js';
import { WatchService, type WatchSnapshot } from '../delivery/watch.service.js';
import { AnswerFollower } from './answer-follower.js';
import { deletedAnswer, endedAnswer, type AnswerFormat, type EndedAnswer } from './answer-format.js';
import { HttpStream, type StreamFormat } from './http-stream.js';
import { snapshotEvents } from './snapshot-events.js';
import { SSE_FORMAT, sseFrame, type StreamCursor } from './stream-formats.js';

/** A question that is asked over a stream. */
export interface StreamedQuestion {
  sessionId: string;
  prompt: string;
  /** Makes a repetition harmless. */
  requestId?: string;
}

/** An answer whose reader's token runs out meanwhile is told to its end within this time. */
const ANSWER_GRACE_MS = 60_000;

interface Opening {
  actor: Actor;
  sessionId: string;
  cursor: StreamCursor;
  /** Only the answer to this question is read. */
  questionSeq?: number;
  response: Response;
  format: StreamFormat;
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
    private readonly actors: ActorResolver,
  ) {}

  /** A live tail of a session; what came after `cursor` first. */
  async tail(actor: Actor, sessionId: string, cursor: StreamCursor | null, response: Response): Promise<void> {
    const from = cursor ?? { since: await this.messages.head(actor, sessionId), offset: 0 };
    await this.open({ actor, sessionId, cursor: from, response, format: SSE_FORMAT }, (stream) =>
      writeSse(stream, sessionId),
    );
  }

  /** Stores a question and streams its answer, then ends. A repetition is not asked again, its answer is streamed. */
  async ask(actor: Actor, question: StreamedQuestion, response: Response): Promise<void> {
    const { sessionId } = question;
    const seq = await this.store(actor, question);
    const cursor = { since: seq - 1, offset: 0 };
    await this.open({ actor, sessionId, cursor, response, format: SSE_FORMAT }, (stream) =>
      writeSseUntilDone(stream, sessionId, seq),
    );
  }

  /** Goes on with a stream that broke: the rest of the answer that was under way, then it ends. 204 when there is nothing more. */
  async resume(actor: Actor, sessionId: string, cursor: StreamCursor, response: Response): Promise<void> {
    // In this order: an answer that begins in between raises the counter.
    const isDue = await this.messages.isAnswerDue(actor, sessionId);
    const head = await this.messages.head(actor, sessionId);
    if (!isDue && head <= cursor.since && this.messages.runningText(sessionId) === null) {
      // EventSource connects again for ever unless it is told that there is no content.
      response.status(204).end();
      return;
    }
    await this.open({ actor, sessionId, cursor, response, format: SSE_FORMAT }, (stream) =>
      writeSseUntilDone(stream, sessionId, null),
    );
  }

  /**
   * Stores a question and streams the bare text of its answer from `from` on, then ends. A repetition is not asked again, its
   * answer is streamed, finished or not.
   */
  async askText(
    actor: Actor,
    question: StreamedQuestion,
    response: Response,
    format: AnswerFormat,
    from = 0,
  ): Promise<void> {
    const { sessionId } = question;
    const questionSeq = await this.store(actor, question);
    const cursor = { since: questionSeq - 1, offset: from };
    await this.open({ actor, sessionId, cursor, questionSeq, response, format }, (stream) =>
      writeText(stream, question, format, { questionSeq, from }),
    );
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

  private async open(opening: Opening, reader: Reader): Promise<void> {
    const { actor, sessionId, cursor, questionSeq, response, format } = opening;
    if (this.readiness.isDraining) throw new AppError('SERVER_DRAINING');
    const id = newId();
    const endsAt = actor.expiresAt + (questionSeq === undefined ? 0 : ANSWER_GRACE_MS);
    const enter = (snapshot: WatchSnapshot): void => {
      if (response.destroyed) return;
      const expiry = setTimeout(() => stream.close('token_expired'), Math.max(0, endsAt - Date.now())).unref();
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
      void this.actors.closeIfOver(actor, () => stream.close('signed_out'));
      for (const event of snapshotEvents(sessionId, snapshot, cursor)) stream.send(event);
    };
    if (questionSeq === undefined) await this.watching.open(actor, sessionId, id, cursor.since, enter);
    else await this.watching.openAnswer(actor, sessionId, id, questionSeq, enter);
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

function writeText(
  stream: HttpStream,
  { sessionId }: StreamedQuestion,
  format: AnswerFormat,
  { questionSeq, from }: { questionSeq: number; from: number },
): (event: ServerEvent) => void {
  const finish = (answer: EndedAnswer): void => {
    stream.write(format.ended(answer));
    stream.end();
  };
  const follower = new AnswerFollower(
    questionSeq,
    {
      delta: (delta, end) => stream.write(format.delta(delta, end)),
      done: (done, content) => finish(endedAnswer(done, content)),
    },
    from,
  );
  return (event) => {
    if (isEvent(event, 'session:deleted') && event.payload.sessionId === sessionId) finish(deletedAnswer());
    else follower.take(event);
  };
}
