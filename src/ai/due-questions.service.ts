import { Injectable } from '@nestjs/common';
import { RoomMembers } from '../chat-rooms/room-members.js';
import type { Actor } from '../common/actor.js';
import { AppError } from '../common/errors/app-error.js';
import type { ConversationKind, MessageRecord } from '../events/domain-events.js';
import { AssistantMessages } from '../messages/assistant-messages.service.js';
import type { ConversationLock } from '../messages/conversation-lock.js';
import type { AnswerSettings } from '../sessions/session.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { GenerationsRepository } from './generations.repository.js';

/** What is to be answered, and who pays. */
export interface DueQuestion {
  id: string | null;
  userId: string | null;
  /** In a room: the question that is owed an answer after this one. */
  nextDueSeq: number | null;
  settings: Omit<AnswerSettings, 'ownerId'>;
}

const DEFAULTS = { title: null, provider: null, model: null, systemPrompt: null } as const;

/** Finds what the assistant is to answer: in a session what was said last, in a room one question after another. */
@Injectable()
export class DueQuestions {
  constructor(
    private readonly messages: AssistantMessages,
    private readonly sessions: SessionsService,
    private readonly members: RoomMembers,
    private readonly generations: GenerationsRepository,
  ) {}

  /** Null when nobody waits any more. Runs under the conversation's lock. */
  async next(conversationId: string, { kind, head, answerDueSeq }: ConversationLock): Promise<DueQuestion | null> {
    if (kind !== 'room') return this.before(kind, conversationId, head + 1);
    const [question, later] = await this.messages.questionsFrom(conversationId, answerDueSeq ?? 0, 2);
    if (!question) return null;
    return { id: question.id, userId: question.senderId, nextDueSeq: later?.seq ?? null, settings: DEFAULTS };
  }

  /** What was said last in a session or a Telegram chat before number `beforeSeq`. Customers without an account have no quota. */
  async before(kind: ConversationKind, conversationId: string, beforeSeq: number): Promise<DueQuestion> {
    const question = await this.messages.lastQuestion(conversationId, beforeSeq);
    const id = question?.id ?? null;
    if (kind !== 'session') return { id, userId: null, nextDueSeq: null, settings: DEFAULTS };
    const settings = await this.sessions.getAnswerSettings(conversationId);
    return { id, userId: question?.senderId ?? settings.ownerId, nextDueSeq: null, settings };
  }

  /** How a conversation wants to be answered. @throws AppError SESSION_NOT_FOUND */
  async settingsOf(kind: ConversationKind, conversationId: string): Promise<DueQuestion['settings']> {
    return kind === 'session' ? this.sessions.getAnswerSettings(conversationId) : DEFAULTS;
  }

  /** Whether whoever asked may still be answered: in a room, as long as they are in it. */
  async isStillIn(kind: ConversationKind, conversationId: string, userId: string | null): Promise<boolean> {
    return kind !== 'room' || (userId !== null && (await this.members.of(conversationId)).has(userId));
  }

  /** In a room an answer is stopped by whoever asked for it, by its OWNER and ADMINs. @throws AppError FORBIDDEN */
  async assertMayStop(actor: Actor, { id, kind, conversationId }: MessageRecord): Promise<void> {
    if (kind !== 'room') return;
    const run = await this.generations.findRunning(conversationId);
    if (run?.messageId === id && run.requestedById === actor.userId) return;
    if ((await this.members.assertMember(actor.userId, conversationId)) === 'MEMBER') throw new AppError('FORBIDDEN');
  }
}
