import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { DistantTexts } from '../../ai/distant-texts.service.js';
import { ActorResolver } from '../../auth/actor-resolver.service.js';
import type { Actor } from '../../common/actor.js';
import { AppError } from '../../common/errors/app-error.js';
import { AppConfig } from '../../config/app-config.js';
import { newId } from '../../common/ids.js';
import { ReadinessState } from '../../health/readiness-state.js';
import { MessagesService } from '../../messages/messages.service.js';
import { MetricsService } from '../../metrics/metrics.service.js';
import { conversationRoom, signInRoom, userRoom } from '../contract/room-names.js';
import { isEvent, type ServerEvent } from '../contract/server-events.js';
import { ConnectionLimits } from '../delivery/connection-limits.js';
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
  /** Ends once nothing is left to tell and no answer is under way. */
  endsIdle?: boolean;
  /** Told once all that was there is told, then it ends: where no answer comes. */
  lastWords?: string;
  response: Response;
  format: StreamFormat;
}

/** `isPast`: more follows at once, so that no answer of now is in it. */
type Reader = (stream: HttpStream) => (event: ServerEvent, isPast: boolean) => void;

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
    private readonly limits: ConnectionLimits,
    private readonly config: AppConfig,
    private readonly distantTexts: DistantTexts,
  ) {}

  /** A live tail of a session; what came after `cursor` first. */
  async tail(actor: Actor, sessionId: string, cursor: StreamCursor | null, response: Response): Promise<void> {
    this.admit(actor, response);
    const from = cursor ?? { since: await this.messages.head(actor, sessionId), offset: 0 };
    await this.open({ actor, sessionId, cursor: from, response, format: SSE_FORMAT }, (stream) =>
      writeSse(stream, sessionId),
    );
  }

  /** Stores a question and streams its answer, then ends. A repetition is not asked again, its answer is streamed. */
  async ask(actor: Actor, question: StreamedQuestion, response: Response): Promise<void> {
    const { sessionId } = question;
    this.admit(actor, response);
    const seq = await this.store(actor, question);
    const cursor = { since: seq - 1, offset: 0 };
    const isSilent = (await this.messages.insteadOfAnswer(actor, sessionId, seq)) !== null;
    const ending = isSilent ? { lastWords: '' } : {};
    await this.open({ actor, sessionId, cursor, response, format: SSE_FORMAT, ...ending }, (stream) =>
      writeSseUntilDone(stream, sessionId, seq),
    );
  }

  /** Goes on with a stream that broke: the rest of the answer that was under way, then it ends. 204 when there is nothing more. */
  async resume(actor: Actor, sessionId: string, cursor: StreamCursor, response: Response): Promise<void> {
    this.admit(actor, response);
    // In this order: an answer that begins or ends in between raises the counter.
    const isDue = await this.messages.isAnswerDue(actor, sessionId);
    await this.distantTexts.prepare(sessionId);
    const isRunning = this.messages.runningText(sessionId) !== null;
    const head = await this.messages.head(actor, sessionId);
    if (!isDue && !isRunning && head === cursor.since) {
      // EventSource connects again for ever unless it is told that there is no content.
      response.status(204).end();
      return;
    }
    await this.open(
      { actor, sessionId, cursor, response, format: SSE_FORMAT, ...(isDue ? {} : { endsIdle: true }) },
      (stream) => writeSseUntilDone(stream, sessionId, null),
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
    this.admit(actor, response);
    const questionSeq = await this.store(actor, question);
    const cursor = { since: questionSeq - 1, offset: from };
    const instead = await this.messages.insteadOfAnswer(actor, sessionId, questionSeq);
    const ending = instead ? { lastWords: wordsOf(instead, format) } : {};
    await this.open({ actor, sessionId, cursor, questionSeq, response, format, ...ending }, (stream) =>
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

  /** Counts the connection until it is over. @throws AppError TOO_MANY_CONNECTIONS */
  private admit(actor: Actor, response: Response): void {
    const countOut = this.limits.admit(response.req, actor.userId);
    // Who left while being let in does not leave again.
    if (response.closed) countOut();
    else response.once('close', countOut);
  }

  private async open(opening: Opening, reader: Reader): Promise<void> {
    const { actor, sessionId, questionSeq, endsIdle, lastWords, response } = opening;
    let { cursor } = opening;
    if (this.readiness.isDraining) throw new AppError('SERVER_DRAINING');
    const id = newId();
    let stream: HttpStream | undefined;
    let isIn = false;
    const enter = (snapshot: WatchSnapshot): void => {
      if (response.destroyed) return;
      if (!stream) {
        stream = this.begin(id, opening);
        const take = reader(stream);
        stream.onEvent = (event) => take(event, !isIn);
      }
      isIn = snapshot.more !== true;
      if (isIn) this.wire.join(stream, conversationRoom(sessionId));
      const { onEvent } = stream;
      stream.gather(() => snapshotEvents(sessionId, snapshot, cursor).forEach(onEvent));
      if (!isIn) cursor = { since: snapshot.messages.at(-1)?.changeSeq ?? snapshot.head, offset: 0 };
      else if (lastWords !== undefined) {
        if (lastWords !== '') stream.write(lastWords);
        stream.end();
      } else if (endsIdle && !snapshot.streaming) stream.end();
    };
    if (questionSeq !== undefined) return this.watching.openAnswer(actor, sessionId, id, questionSeq, enter);
    try {
      await this.watching.open(actor, sessionId, id, cursor.since, enter);
      // A reader that missed much takes it page by page, at its own speed.
      while (!isIn && (await stream?.taken())) await this.watching.open(actor, sessionId, id, cursor.since, enter);
    } catch (error) {
      // Once it has begun, its reader comes again and is told then.
      if (!stream) throw error;
      response.destroy();
    }
  }

  private begin(id: string, { actor, sessionId, questionSeq, response, format }: Opening): HttpStream {
    const life = this.actors.msLeft(actor, questionSeq === undefined ? 0 : ANSWER_GRACE_MS);
    const expiry = setTimeout(() => stream.close('token_expired'), life).unref();
    const stream = new HttpStream(id, response, format, this.config.env.PING_TIMEOUT_MS, () => {
      clearTimeout(expiry);
      this.metrics.connectionClosed('sse');
      this.wire.remove(stream);
      this.watching.release(sessionId);
    });
    this.metrics.connectionOpened('sse');
    for (const room of [userRoom(actor.userId), signInRoom(actor.signInId)]) this.wire.join(stream, room);
    void this.actors.closeIfOver(actor, () => stream.close('signed_out'));
    return stream;
  }
}

/** What the server said instead of an answer, as the answer. */
function wordsOf({ messageId, content }: { messageId: string | null; content: string }, format: AnswerFormat): string {
  const delta = content === '' ? '' : format.delta(content, content.length);
  return delta + format.ended({ messageId, status: 'complete', content });
}

function writeSse(stream: HttpStream, sessionId: string): (event: ServerEvent) => void {
  // Rooms and other sessions of the same person are told to all of their connections; this stream is about one session.
  return (event) => {
    if ('sessionId' in event.payload && event.payload.sessionId === sessionId) stream.write(sseFrame(event));
  };
}

function writeSseUntilDone(
  stream: HttpStream,
  sessionId: string,
  questionSeq: number | null,
): (event: ServerEvent, isPast: boolean) => void {
  const write = writeSse(stream, sessionId);
  const follower = new AnswerFollower(questionSeq, { done: () => stream.end() });
  return (event, isPast) => {
    write(event);
    if (!isPast) follower.take(event);
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
