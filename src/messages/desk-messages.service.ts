import { Injectable } from '@nestjs/common';
import { newId } from '../common/ids.js';
import { DomainEventBus } from '../events/domain-event-bus.js';
import type { MessageRecord } from '../events/domain-events.js';
import { AnswerSilencer } from './answer-silencer.js';
import { DeskMessagesRepository, type PageRange } from './desk-messages.repository.js';
import type { ConversationLock } from './conversation-lock.js';
import { MessageAppender, type Appended } from './message-appender.js';
import { MessageLogRepository } from './message-log.repository.js';
import { RunningTexts } from './running-texts.js';

export interface OperatorReply {
  conversationId: string;
  operatorId: string;
  content: string;
  clientMessageId: string | null;
}

/** How many missed messages a refusal shows. */
const MOST_MISSED = 100;

/** Conversations as operators work in them. Access is the caller's matter; what writes runs in the unit of work under way. */
@Injectable()
export class DeskMessages {
  constructor(
    private readonly desk: DeskMessagesRepository,
    private readonly log: MessageLogRepository,
    private readonly appender: MessageAppender,
    private readonly running: RunningTexts,
    private readonly silencer: AnswerSilencer,
    private readonly events: DomainEventBus,
  ) {}

  /** Locks the conversation until the unit of work ends; null when it is absent. */
  lock(conversationId: string): Promise<ConversationLock | null> {
    return this.log.lock(conversationId);
  }

  /** The current branch, ascending: from `offset` on, or its newest page when there is none; only what stands `before` a number. */
  async page(conversationId: string, range: PageRange): Promise<MessageRecord[]> {
    const messages = await this.desk.page(conversationId, range);
    return messages.map((message) => this.running.fill(message));
  }

  /** The newest `limit` texts of the current branch, oldest first. */
  async newestTexts(conversationId: string, limit: number): Promise<MessageRecord[]> {
    return (await this.page(conversationId, { limit })).filter(({ content }) => content !== '');
  }

  /** What was said last in each of these conversations, notices of the server apart. */
  newestOf(conversationIds: readonly string[]): Promise<Map<string, MessageRecord>> {
    return this.desk.newestOf(conversationIds);
  }

  /** What the customer said last. */
  lastOfCustomer(conversationId: string): Promise<string | null> {
    return this.desk.lastOfCustomer(conversationId);
  }

  /** How many messages of the customer lie after number `seq`. */
  countOfCustomerAfter(conversationId: string, seq: number): Promise<number> {
    return this.desk.countOfCustomerAfter(conversationId, seq);
  }

  /**
   * Says something on behalf of an operator, unless a person said something after number `ifSeq`: then it gives what was missed.
   * The conversation's lock is held.
   */
  async reply(reply: OperatorReply, ifSeq: number | undefined): Promise<Appended | { missed: MessageRecord[] }> {
    const { conversationId, operatorId, ...rest } = reply;
    if (ifSeq !== undefined && (await this.desk.hasPersonSpokenAfter(conversationId, ifSeq, reply)))
      return { missed: await this.desk.after(conversationId, ifSeq, MOST_MISSED) };
    const appended = await this.appender.append({
      ...rest,
      id: newId(),
      conversationId,
      role: 'operator',
      senderId: operatorId,
      status: 'complete',
      replyToId: null,
      model: null,
      answerDue: false,
    });
    if (!appended.isReplay) this.events.publish('message.created', { message: appended.message });
    return appended;
  }

  /** Tells the customer something in the name of the server. */
  async tell(conversationId: string, content: string): Promise<void> {
    const { message } = await this.appender.append({
      id: newId(),
      conversationId,
      role: 'system',
      senderId: null,
      content,
      status: 'complete',
      clientMessageId: null,
      replyToId: null,
      model: null,
      answerDue: false,
    });
    this.events.publish('message.created', { message });
  }

  /** From now on the assistant owes no answers here; one that is under way goes on. The conversation's lock is held. */
  async silence(conversationId: string): Promise<void> {
    await this.desk.silence(conversationId);
  }

  /** Silences the assistant at once: nothing that it is writing can reach the conversation any more. The conversation's lock is held. */
  async fence(conversationId: string): Promise<void> {
    await this.silencer.endRunning(conversationId);
    await this.desk.raiseFence(conversationId);
  }

  /** Ends what the assistant is writing, and silences it. The conversation's lock is held. */
  async interrupt(conversationId: string): Promise<void> {
    await this.silencer.endRunning(conversationId);
    await this.desk.silence(conversationId);
  }

  /** Lets the assistant answer again, what the customer said last too if `answersLast`. The conversation's lock is held. */
  async unsilence(conversationId: string, { answersLast }: { answersLast: boolean }): Promise<void> {
    await this.desk.unsilence(conversationId);
    const seq = answersLast ? await this.desk.unansweredSeq(conversationId) : null;
    if (seq === null) return;
    await this.log.markAnswerDue(conversationId, seq);
    this.events.publish('answer.due', { conversationId });
  }

  /** From now on the assistant reads nothing of what was said so far. */
  async forgetContext(conversationId: string): Promise<void> {
    await this.desk.forgetContext(conversationId);
  }
}
