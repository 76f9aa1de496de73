import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import type { Actor } from '../common/actor.js';
import { KeyedMutex } from '../common/concurrency/keyed-mutex.js';
import { AppError } from '../common/errors/app-error.js';
import { newId } from '../common/ids.js';
import { AppConfig } from '../config/app-config.js';
import { DomainEventBus } from '../events/domain-event-bus.js';
import type { ConversationKind, MessageRecord } from '../events/domain-events.js';
import { ReadinessState } from '../health/readiness-state.js';
import { AssistantMessages } from '../messages/assistant-messages.service.js';
import { MessagesService } from '../messages/messages.service.js';
import { RunningTexts } from '../messages/running-texts.js';
import { afterCommit } from '../prisma/transaction-scope.js';
import { UnitOfWork } from '../prisma/unit-of-work.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { AnswerBudget } from './answer-budget.service.js';
import { AnswerEndings } from './answer-endings.service.js';
import { AnswerMetrics } from './answer-metrics.js';
import { AnswerOpenings } from './answer-openings.service.js';
import { AnswerRun, type AnswerPlan } from './answer-run.js';
import { AnswerWriter } from './answer-writer.service.js';
import { DistantAnswers } from './distant-answers.service.js';
import { DueQuestions, type DueQuestion } from './due-questions.service.js';
import { GenerationsRepository, type GenerationRow } from './generations.repository.js';
import { LoadMeter } from './load-meter.js';
import { ModelService } from './providers/model.service.js';
import { RunningAnswers } from './running-answers.js';

/** How often somebody else may be faster in one conversation; after that the sweep tries again. */
const MOST_TRIES = 5;
/** A run that is stored as ours and that we do not know begins within this time, or never will. */
const BEGIN_MS = 2_000;
const BEGIN_POLL_MS = 5;

/** Starts, stops and repeats the assistant's answers. One conversation has at most one under way. */
@Injectable()
export class AnswersService {
  private readonly logger = new Logger(AnswersService.name);
  /** Starting and stopping in one conversation happens one after another. */
  private readonly lanes = new KeyedMutex();

  constructor(
    private readonly config: AppConfig,
    private readonly messages: MessagesService,
    private readonly assistantMessages: AssistantMessages,
    private readonly sessions: SessionsService,
    private readonly questions: DueQuestions,
    private readonly models: ModelService,
    private readonly budget: AnswerBudget,
    private readonly openings: AnswerOpenings,
    private readonly generations: GenerationsRepository,
    private readonly running: RunningAnswers,
    private readonly texts: RunningTexts,
    private readonly writer: AnswerWriter,
    private readonly endings: AnswerEndings,
    private readonly distant: DistantAnswers,
    private readonly load: LoadMeter,
    private readonly metrics: AnswerMetrics,
    private readonly readiness: ReadinessState,
    private readonly unitOfWork: UnitOfWork,
    private readonly events: DomainEventBus,
  ) {}

  /**
   * Answers what was said last, if an answer is still owed; an answer under way is stopped first, its text stays. In a room
   * questions wait for the answers before theirs. `kind` spares a look, where it is known.
   */
  async answerIfDue(conversationId: string, kind?: ConversationKind): Promise<void> {
    await this.lanes.run(conversationId, async () => {
      if (this.readiness.isDraining) return;
      const opened = kind !== undefined && kind !== 'session' ? null : await this.openings.inSession(conversationId);
      if (opened?.plan) return this.begin(opened.plan);
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        const isBusy = await this.unitOfWork.run(async () => {
          const lock = await this.assistantMessages.lock(conversationId);
          // Where nothing is owed, an answer under way was begun after all that was said: it goes on.
          if (!lock || lock.answerDueSeq === null || lock.isSilenced) return false;
          if (await this.generations.findRunning(conversationId)) return lock.kind !== 'room';
          const question = await this.questions.next(conversationId, lock);
          if (question) await this.open(conversationId, question);
          else await this.assistantMessages.owesNothing(conversationId);
          return false;
        });
        if (!isBusy) return;
        await this.end(conversationId, 'superseded');
      }
      throw new AppError('SERVER_BUSY');
    });
  }

  /**
   * Makes an answer again: the former one and what followed it stay retrievable as an earlier branch.
   * @throws AppError MESSAGE_NOT_FOUND | NOTHING_TO_REGENERATE | ASSISTANT_SILENCED
   */
  async regenerate(actor: Actor, messageId: string): Promise<MessageRecord> {
    const { conversationId, kind } = await this.messages.getReadable(actor, messageId);
    if (kind === 'room') throw new AppError('NOTHING_TO_REGENERATE');
    await this.budget.assertMayAsk(actor);
    return this.lanes.run(conversationId, async () => {
      if (this.readiness.isDraining) throw new AppError('SERVER_DRAINING');
      await this.end(conversationId, 'superseded');
      return this.unitOfWork.run(async () => {
        const lock = await this.assistantMessages.lock(conversationId);
        const target = await this.assistantMessages.get(messageId);
        const isAnswer = target.role === 'assistant' && target.deletedAt === null && target.supersededById === null;
        if (!lock || !isAnswer) throw new AppError('NOTHING_TO_REGENERATE');
        if (lock.isSilenced) throw new AppError('ASSISTANT_SILENCED');
        if (await this.generations.findRunning(conversationId)) throw new AppError('SERVER_BUSY');
        const question = await this.questions.before(kind, conversationId, target.seq);
        if (question.id === null) throw new AppError('NOTHING_TO_REGENERATE');
        const id = newId();
        await this.assistantMessages.supersedeFrom(target, id);
        return this.open(conversationId, question, id);
      });
    });
  }

  /**
   * Ends one answer; its text stays, `stopped`. One that has ended already is left as it is.
   * @throws AppError MESSAGE_NOT_FOUND | FORBIDDEN (in a room, by somebody who neither asked nor runs it)
   */
  async stopMessage(actor: Actor, messageId: string): Promise<MessageRecord> {
    const message = await this.messages.getReadable(actor, messageId);
    if (message.status !== 'streaming') return message;
    await this.questions.assertMayStop(actor, message);
    await this.end(message.conversationId, 'stopped', messageId);
    this.goOn(message);
    return this.assistantMessages.get(messageId);
  }

  /** Ends the answer that is under way in a session, if any. @throws AppError SESSION_NOT_FOUND */
  async stopSession(actor: Actor, sessionId: string): Promise<void> {
    await this.sessions.assertOwner(actor.userId, sessionId);
    await this.end(sessionId, 'stopped');
  }

  /** Ends the answer that somebody asked for in a room. */
  async stopFor(roomId: string, userId: string): Promise<void> {
    const run = await this.generations.findRunning(roomId);
    if (run?.requestedById !== userId) return;
    await this.end(roomId, 'stopped', run.messageId);
    this.goOn({ kind: 'room', conversationId: roomId });
  }

  /** Ends the run on this node without waiting, because its message or conversation is gone. */
  abandon(conversationId: string, messageId?: string): void {
    const run = this.running.find(conversationId);
    if (run && (messageId === undefined || run.messageId === messageId)) run.stop('deleted');
  }

  /** Another node stored the end of an answer that is being written here: nobody needs more of it. */
  endedElsewhere(conversationId: string, messageId: string): void {
    const run = this.running.find(conversationId);
    if (run?.messageId === messageId) run.stop('silenced');
  }

  /** Ends an answer of this node because another one asks for it. */
  stopHere(conversationId: string, messageId: string, reason: 'stopped' | 'superseded'): void {
    const run = this.running.find(conversationId);
    if (run?.messageId === messageId) run.stop(reason);
  }

  /** Goes on with a run whose node died before anybody saw a word of it: the same message, asked once more. */
  async restart(orphan: GenerationRow): Promise<void> {
    const { conversationId, messageId } = orphan;
    await this.lanes.run(conversationId, async () => {
      if (this.readiness.isDraining || this.running.find(conversationId)) return;
      const message = await this.assistantMessages.get(messageId);
      const { kind } = message;
      if (!(await this.questions.isStillIn(kind, conversationId, orphan.requestedById)))
        return void (await this.endings.endOrphan(orphan, 'stopped', null));
      const settings = await this.questions.settingsOf(kind, conversationId);
      const { nodeId, env } = this.config;
      // A human was called meanwhile: nothing new is begun.
      if (await this.isSilenced(conversationId))
        return void (await this.endings.endOrphan(orphan, 'interrupted', 'AI_INTERRUPTED'));
      if (!(await this.generations.adopt(orphan.id, nodeId, env.AI_LEASE_MS))) return;
      const plan: AnswerPlan = {
        ...orphan,
        ...this.models.resolveOrDefault(orphan.provider, orphan.model),
        generationId: orphan.id,
        kind,
        questionId: message.replyToId,
        seq: message.seq,
        userId: orphan.requestedById,
        systemPrompt: settings.systemPrompt ?? env.AI_SYSTEM_PROMPT,
        hasTitle: settings.title !== null,
        history: null,
      };
      void this.execute(plan);
    });
  }

  /** Lets running answers go on for `graceMs`, then ends them with the text they have. The node is draining: nothing new begins. */
  async drain(graceMs: number): Promise<void> {
    const all = Promise.all(this.running.all().map((run) => run.ended));
    const grace = new AbortController();
    await Promise.race([all, sleep(graceMs, undefined, { signal: grace.signal }).catch(() => undefined)]);
    grace.abort();
    for (const run of this.running.all()) run.stop('shutdown');
    await Promise.all(this.running.all().map((run) => run.ended));
  }

  /** Ends what is under way in a conversation (only the answer `messageId`, if given) and waits until that is stored. */
  private async end(conversationId: string, reason: 'stopped' | 'superseded', messageId?: string): Promise<void> {
    const isMeant = (it: { messageId: string }) => messageId === undefined || it.messageId === messageId;
    const giveUpAt = performance.now() + BEGIN_MS;
    for (;;) {
      const run = this.running.find(conversationId);
      if (run && isMeant(run)) {
        run.stop(reason);
        await run.ended;
      }
      const row = await this.generations.findRunning(conversationId);
      if (!row || !isMeant(row)) return;
      // One of ours that was committed this very moment begins in the same instant: only its run knows the text.
      const isBeginning = row.nodeId === this.config.nodeId && performance.now() < giveUpAt;
      if (!isBeginning) return this.distant.end(row, reason);
      await sleep(BEGIN_POLL_MS);
    }
  }

  /** Stores the message and the run, and lets the model begin once both are committed. Runs under the conversation's lock. */
  private async open(conversationId: string, question: DueQuestion, messageId?: string): Promise<MessageRecord> {
    const { placeholder, plan } = await this.openings.underLock(conversationId, question, messageId);
    if (plan) {
      this.begin(plan);
    } else {
      await this.assistantMessages.refuse(placeholder, 'TOKEN_QUOTA_EXCEEDED');
      this.goOn(placeholder);
    }
    return placeholder;
  }

  /** The run outlives the request and its transaction. */
  private begin(plan: AnswerPlan): void {
    afterCommit(() => void this.unitOfWork.outside(() => this.execute(plan)));
  }

  private isSilenced(conversationId: string): Promise<boolean> {
    return this.unitOfWork.run(async () => (await this.assistantMessages.lock(conversationId))?.isSilenced === true);
  }

  private async execute(plan: AnswerPlan): Promise<void> {
    const { conversationId, kind, messageId, seq } = plan;
    const run = new AnswerRun(
      plan,
      (delta, offset) => this.events.publish('answer.delta', { conversationId, kind, messageId, seq, delta, offset }),
      this.load.joinWindowMs,
    );
    this.running.add(run);
    this.metrics.started();
    this.texts.set(conversationId, run);
    try {
      // Who comes now finds the end in the database and must not wait for another one.
      await this.endings.end(run, await this.writer.write(run), () => this.texts.clear(conversationId, run));
    } catch (error) {
      this.logger.error({ msg: 'An answer could not be ended; its lease will end it', conversationId, err: error });
    } finally {
      this.texts.clear(conversationId, run);
      this.running.remove(run);
      run.markEnded();
      this.goOn(plan);
    }
  }

  /** In a room the next question may be waiting for this end. */
  private goOn({ kind, conversationId }: { kind: ConversationKind; conversationId: string }): void {
    if (kind === 'room') this.events.publish('answer.due', { conversationId, kind });
  }
}
