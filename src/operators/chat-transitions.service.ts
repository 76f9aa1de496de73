import { Injectable } from '@nestjs/common';
import { hasRole, type Actor } from '../common/actor.js';
import { AppError } from '../common/errors/app-error.js';
import { DomainEventBus } from '../events/domain-event-bus.js';
import type { SupportChatCause } from '../events/domain-events.js';
import { DeskMessages } from '../messages/desk-messages.service.js';
import { UnitOfWork } from '../prisma/unit-of-work.js';
import { AuditLog } from '../users/audit-log.service.js';
import { ChatTransitionsRepository, type From } from './chat-transitions.repository.js';
import { OperatorsRepository } from './operators.repository.js';
import { maySee, type SupportChatRecord } from './support-chat.js';
import { SupportChatsRepository } from './support-chats.repository.js';

/** Who moves a chat and what for; `byUserId` null: the customer or the server. */
export interface Move {
  byUserId: string | null;
  cause: SupportChatCause;
  data?: Record<string, string | number | boolean | null>;
}

const HELD = ['in_progress'] as const;
const OPEN = ['waiting', 'in_progress'] as const;

/** The states of support chats: bot → waiting → in_progress → closed, and back. Each move writes its audit line and tells it, in its own transaction. */
@Injectable()
export class ChatTransitions {
  constructor(
    private readonly chats: SupportChatsRepository,
    private readonly transitions: ChatTransitionsRepository,
    private readonly operators: OperatorsRepository,
    private readonly messages: DeskMessages,
    private readonly audit: AuditLog,
    private readonly unitOfWork: UnitOfWork,
    private readonly events: DomainEventBus,
  ) {}

  /**
   * Takes a waiting chat (seniors: one of the assistant's too). Of many who try at once one gets it. Afterwards the assistant
   * says nothing more in it.
   * @throws AppError CHAT_NOT_FOUND | CHAT_ALREADY_TAKEN | CHAT_CLOSED | OPERATOR_AT_CAPACITY | FORBIDDEN
   */
  async take(actor: Actor, chatId: string): Promise<void> {
    const isSenior = hasRole(actor.role, 'senior_operator');
    const seen = await this.chats.find(chatId);
    if (!seen || (!maySee(actor, seen) && seen.status !== 'in_progress')) throw new AppError('CHAT_NOT_FOUND');
    const from: From = { statuses: isSenior ? ['waiting', 'bot'] : ['waiting'] };
    // Most of those who come late need no lock to learn it.
    if (!from.statuses.includes(seen.status)) throw await this.notTakeable(seen);
    await this.move(chatId, { byUserId: actor.userId, cause: 'taken' }, () => this.giveTo(chatId, from, actor.userId));
  }

  /**
   * Gives a waiting or held chat to another operator.
   * @throws AppError CHAT_NOT_FOUND | OPERATOR_NOT_FOUND | OPERATOR_AT_CAPACITY | CHAT_ALREADY_TAKEN | CHAT_CLOSED | CHAT_WITH_ASSISTANT
   */
  async transfer(actor: Actor, chatId: string, operatorId: string): Promise<void> {
    await this.move(chatId, { byUserId: actor.userId, cause: 'transferred' }, () =>
      this.giveTo(chatId, { statuses: OPEN }, operatorId),
    );
  }

  /** Puts a held chat back into the queue. @throws AppError CHAT_NOT_FOUND | CHAT_NOT_TAKEN | CHAT_CLOSED */
  async queue(actor: Actor, chatId: string): Promise<void> {
    await this.move(chatId, { byUserId: actor.userId, cause: 'queued' }, async (before) =>
      moved(actor, before, await this.transitions.queue(chatId, this.heldBy(actor))),
    );
  }

  /** Gives a chat back to the assistant, which answers what the customer said last. @throws AppError CHAT_NOT_FOUND | CHAT_NOT_TAKEN | CHAT_CLOSED */
  async giveBack(actor: Actor, chatId: string): Promise<void> {
    await this.move(chatId, { byUserId: actor.userId, cause: 'returned' }, async (before) => {
      const chat = moved(actor, before, await this.transitions.giveBack(chatId, this.mayEnd(actor)));
      await this.messages.unsilence(chatId, { answersLast: true });
      return chat;
    });
  }

  /** Closes a chat; the assistant answers what is said later. @throws AppError CHAT_NOT_FOUND | CHAT_NOT_TAKEN | CHAT_CLOSED */
  async close(actor: Actor, chatId: string, resolution: string | null): Promise<void> {
    await this.move(chatId, { byUserId: actor.userId, cause: 'closed' }, async (before) => {
      const closed = await this.transitions.close(chatId, this.mayEnd(actor), actor.userId, resolution);
      const chat = moved(actor, before, closed);
      await this.messages.unsilence(chatId, { answersLast: false });
      return chat;
    });
  }

  /** Puts a closed chat into the queue again. @throws AppError CHAT_NOT_FOUND | CHAT_NOT_CLOSED | CUSTOMER_HAS_OPEN_CHAT */
  async reopen(actor: Actor, chatId: string): Promise<void> {
    await this.move(chatId, { byUserId: actor.userId, cause: 'reopened' }, async (before) => {
      if (before.status !== 'closed') throw new AppError('CHAT_NOT_CLOSED');
      if (before.userId !== null && (await this.chats.findOpenOf(before.userId)))
        throw new AppError('CUSTOMER_HAS_OPEN_CHAT');
      const chat = await this.transitions.reopen(chatId);
      if (!chat) throw new AppError('CHAT_NOT_CLOSED');
      await this.messages.silence(chatId);
      return chat;
    });
  }

  /** Gives a waiting chat to an operator, whom nobody asked. Null when it cannot be done any more. */
  async assign(chatId: string, operatorId: string): Promise<boolean> {
    try {
      await this.move(chatId, { byUserId: null, cause: 'assigned' }, () =>
        this.giveTo(chatId, { statuses: ['waiting'] }, operatorId),
      );
      return true;
    } catch (error) {
      if (error instanceof AppError) return false;
      throw error;
    }
  }

  /** Puts every chat of somebody who does not work here any more back into the queue. */
  async queueAllOf(operatorId: string): Promise<void> {
    for (const chatId of await this.transitions.heldBy(operatorId)) {
      const from = { statuses: HELD, heldBy: operatorId };
      await this.move(chatId, { byUserId: null, cause: 'queued' }, () => this.transitions.queue(chatId, from)).catch(
        (error: unknown) => {
          if (!(error instanceof AppError)) throw error;
        },
      );
    }
  }

  /**
   * Moves a chat under its conversation's lock, which makes moves of one chat happen one after another; writes the audit line and
   * tells it. Nothing is written when `work` gives no chat.
   * @throws AppError CHAT_NOT_FOUND
   */
  async move(
    chatId: string,
    { byUserId, cause, data }: Move,
    work: (before: SupportChatRecord) => Promise<SupportChatRecord | null>,
  ): Promise<SupportChatRecord | null> {
    return this.unitOfWork.run(async () => {
      const lock = await this.messages.lock(chatId);
      const before = lock && (await this.chats.find(chatId));
      if (!lock || !before) throw new AppError('CHAT_NOT_FOUND');
      const after = await work(before);
      if (!after) return null;
      const { status, operatorId } = after;
      const previous = { status: before.status, operatorId: before.operatorId };
      await this.audit.record({
        actorId: byUserId,
        action: `chat.${cause}`,
        subjectId: chatId,
        data: {
          from: previous.status,
          to: status,
          previousOperatorId: previous.operatorId,
          operatorId,
          seq: lock.head,
          ...data,
        },
      });
      const { head: seq } = lock;
      this.events.publish('support-chat.status-changed', {
        chatId,
        status,
        operatorId,
        previous,
        byUserId,
        cause,
        seq,
      });
      return after;
    });
  }

  private async giveTo(chatId: string, from: From, operatorId: string): Promise<SupportChatRecord> {
    if (!(await this.operators.lock(operatorId))) throw new AppError('OPERATOR_NOT_FOUND');
    const chat = await this.transitions.give(chatId, from, operatorId);
    if (!chat) throw await this.notGiveable(chatId, from, operatorId);
    await this.messages.fence(chatId);
    return chat;
  }

  private async notGiveable(chatId: string, from: From, operatorId: string): Promise<AppError> {
    const now = await this.chats.find(chatId);
    if (!now) return new AppError('CHAT_NOT_FOUND');
    const isFree = from.statuses.includes(now.status) && now.operatorId !== operatorId;
    if (!isFree) return this.notTakeable(now);
    const operator = await this.operators.find(operatorId);
    const details = { operatorId, activeChats: operator?.activeChats, maxChats: operator?.maxChats };
    return new AppError('OPERATOR_AT_CAPACITY', { details });
  }

  private async notTakeable({ status, operatorId }: SupportChatRecord): Promise<AppError> {
    if (status === 'closed') return new AppError('CHAT_CLOSED');
    if (status !== 'in_progress' || operatorId === null) return new AppError('CHAT_WITH_ASSISTANT');
    const holder = await this.operators.find(operatorId);
    const operatorName = holder?.name ?? holder?.email ?? null;
    return new AppError('CHAT_ALREADY_TAKEN', { details: { operatorId, operatorName } });
  }

  /** Seniors may put aside anybody's chats, others their own. */
  private heldBy(actor: Actor): From {
    return hasRole(actor.role, 'senior_operator') ? { statuses: HELD } : { statuses: HELD, heldBy: actor.userId };
  }

  /** Seniors may also end chats that wait. */
  private mayEnd(actor: Actor): From {
    return hasRole(actor.role, 'senior_operator') ? { statuses: OPEN } : this.heldBy(actor);
  }
}

/** @throws AppError when the statement found the chat in another state: what that was, or that the actor may not see it */
function moved(actor: Actor, before: SupportChatRecord, after: SupportChatRecord | null): SupportChatRecord {
  if (after) return after;
  if (!maySee(actor, before)) throw new AppError('CHAT_NOT_FOUND');
  throw new AppError(before.status === 'closed' ? 'CHAT_CLOSED' : 'CHAT_NOT_TAKEN');
}
