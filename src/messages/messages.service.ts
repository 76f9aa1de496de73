import { Injectable } from '@nestjs/common';
import { ChatRoomsService } from '../chat-rooms/chat-rooms.service.js';
import { ReceiptsService } from '../chat-rooms/receipts.service.js';
import type { Actor } from '../common/actor.js';
import { AppError } from '../common/errors/app-error.js';
import { newId } from '../common/ids.js';
import { Page, decodeCursor, decodeTimeCursor, encodeCursor, toPage } from '../common/pagination/page.js';
import { DomainEventBus } from '../events/domain-event-bus.js';
import type { MessageRecord } from '../events/domain-events.js';
import { UnitOfWork } from '../prisma/unit-of-work.js';
import { AnswerAdmission } from './answer-admission.js';
import { READ_FOR_PAGE, pageOfChanges, type ChangesPage } from './changes-page.js';
import { ConversationAccess, type AbsentCode } from './conversation-access.js';
import { CustomerDesk } from './customer-desk.js';
import { MentionsService } from './mentions.service.js';
import { MessageAppender, type Appended } from './message-appender.js';
import { MessageLogRepository, type NewMessage } from './message-log.repository.js';
import { MessagePace } from './message-pace.js';
import { HIGHEST_SEQ, MessagesRepository, type Revision } from './messages.repository.js';
import { RunningTexts, type RunningText } from './running-texts.js';

export interface SendToSession {
  sessionId: string;
  role: 'user' | 'assistant';
  content: string;
  clientMessageId?: string;
  replyToId?: string;
}

export interface MessagePageQuery {
  before?: number;
  after?: number;
  cursor?: string;
  limit: number;
}

/** What a client missed since a number. */
export interface SyncResult extends Omit<ChangesPage, 'until'> {
  conversationId: string;
  head: number;
  more: boolean;
  /** There is more, after this number. */
  until?: number;
  /** The number that was asked for lies in a future that this conversation never had: this is everything, from the start. */
  reset?: true;
}

/** The only writer of what people say; whoever speaks, through whatever door. */
@Injectable()
export class MessagesService {
  constructor(
    private readonly access: ConversationAccess,
    private readonly messages: MessagesRepository,
    private readonly log: MessageLogRepository,
    private readonly appender: MessageAppender,
    private readonly pace: MessagePace,
    private readonly admission: AnswerAdmission,
    private readonly running: RunningTexts,
    private readonly rooms: ChatRoomsService,
    private readonly receipts: ReceiptsService,
    private readonly desk: CustomerDesk,
    private readonly mentions: MentionsService,
    private readonly unitOfWork: UnitOfWork,
    private readonly events: DomainEventBus,
  ) {}

  /**
   * Stores a message in a session of the actor's. One of role `user` makes the assistant owe an answer.
   * @throws AppError SESSION_NOT_FOUND | RATE_LIMITED | IDEMPOTENCY_KEY_REUSED | MESSAGE_NOT_FOUND (replyToId)
   */
  async sendToSession(actor: Actor, input: SendToSession): Promise<{ message: MessageRecord; isReplay: boolean }> {
    const conversationId = input.sessionId.toLowerCase();
    await this.access.assertCanRead(actor, conversationId, 'SESSION_NOT_FOUND');
    const message = {
      id: newId(),
      conversationId,
      role: input.role,
      senderId: actor.userId,
      content: input.content,
      status: 'complete' as const,
      clientMessageId: input.clientMessageId ?? null,
      replyToId: input.replyToId?.toLowerCase() ?? null,
      model: null,
      answerDue: input.role === 'user',
    };
    const twin = await this.messages.findTwin(message);
    if (twin) return { message: twin, isReplay: true };
    if (message.replyToId !== null) await this.assertInConversation(message.replyToId, conversationId);
    if (message.answerDue) await this.admission.assertMayAsk(actor);
    const takeBack = message.answerDue
      ? await this.pace.admitEverywhere(actor.userId, `${conversationId} ${message.clientMessageId ?? message.id}`)
      : undefined;
    try {
      if (message.answerDue && this.desk.asksForHuman(message.content)) return await this.callHuman(message);
      const appended = await this.appender.append(message);
      if (!appended.isReplay) {
        this.events.publish('message.created', { message: appended.message });
        if (message.answerDue) this.events.publish('answer.due', { conversationId });
      }
      return appended;
    } catch (error) {
      takeBack?.();
      throw error;
    }
  }

  /**
   * Replaces the text of the actor's own message; the former text stays retrievable. Editing a question replaces the
   * branch that followed it, and the assistant answers anew.
   * @throws AppError MESSAGE_NOT_FOUND | MESSAGE_NOT_EDITABLE
   */
  async edit(actor: Actor, messageId: string, content: string): Promise<MessageRecord> {
    const target = await this.getReadable(actor, messageId);
    return this.unitOfWork.run(async () => {
      await this.log.lock(target.conversationId);
      const current = await this.getReadable(actor, messageId);
      if (current.senderId !== actor.userId || current.deletedAt !== null) throw new AppError('MESSAGE_NOT_EDITABLE');
      if (current.content === content) return current;
      const asksAnew = current.kind === 'session' && current.role === 'user' && current.supersededById === null;
      const later = asksAnew ? await this.log.countCurrentFrom(current.conversationId, current.seq + 1) : 0;
      const number = await this.log.takeNumbers(current.conversationId, 1 + later);
      const mentions = await this.namedBy(current, content);
      const edited = await this.readMarked(await this.log.rewrite(messageId, newId(), content, number, mentions));
      this.events.publish('message.updated', { message: edited });
      const newlyNamed = mentions.filter((id) => !current.mentions.includes(id));
      if (newlyNamed.length > 0) this.events.publish('message.mentioned', { message: edited, userIds: newlyNamed });
      if (asksAnew) {
        for (const message of await this.log.supersedeFrom(
          current.conversationId,
          current.seq + 1,
          messageId,
          number + 1,
        ))
          this.events.publish('message.updated', { message });
        await this.log.markAnswerDue(current.conversationId, current.seq);
        this.events.publish('answer.due', { conversationId: current.conversationId });
      }
      return edited;
    });
  }

  /**
   * Empties a message; its place stays. In an AI session the owner may remove the assistant's messages too, in a room its
   * OWNER and ADMINs those of others.
   * @throws AppError MESSAGE_NOT_FOUND | FORBIDDEN
   */
  async remove(actor: Actor, messageId: string): Promise<MessageRecord> {
    const target = await this.getReadable(actor, messageId);
    if (!(await this.access.mayRemove(actor, target))) throw new AppError('FORBIDDEN');
    return this.unitOfWork.run(async () => {
      await this.log.lock(target.conversationId);
      const current = await this.getReadable(actor, messageId);
      if (current.deletedAt !== null) return current;
      const changeSeq = await this.log.takeNumbers(current.conversationId, 1);
      const erased = await this.readMarked(await this.log.erase(messageId, changeSeq));
      this.events.publish('message.updated', { message: erased });
      return erased;
    });
  }

  /** One page, ascending; the newest one by default. @throws AppError SESSION_NOT_FOUND (or `CHAT_ROOM_NOT_FOUND`, as asked) */
  async page(
    actor: Actor,
    conversationId: string,
    query: MessagePageQuery,
    absent: AbsentCode = 'SESSION_NOT_FOUND',
  ): Promise<Page<MessageRecord>> {
    const kind = await this.access.assertCanRead(actor, conversationId, absent);
    const place = query.cursor === undefined ? query : readPlace(query.cursor);
    const wanted = query.limit + 1;
    if (place.after !== undefined) {
      const rows = await this.messages.pageAfter(kind, conversationId, place.after, wanted);
      const items = rows.slice(0, query.limit).map((message) => this.running.fill(message));
      await this.access.assertCanRead(actor, conversationId, absent);
      return new Page(items, rows.length > query.limit ? placeCursor('after', items.at(-1)) : null);
    }
    const rows = await this.messages.pageBefore(kind, conversationId, place.before ?? null, wanted);
    const items = rows.slice(-query.limit).map((message) => this.running.fill(message));
    // Once more: whoever is removed from a room while it is read gets nothing of what came later.
    await this.access.assertCanRead(actor, conversationId, absent);
    return new Page(items, rows.length > query.limit ? placeCursor('before', items[0]) : null);
  }

  /** Everything that changed after number `since`. @throws AppError CONVERSATION_NOT_FOUND (or another code, as asked) */
  async sync(
    actor: Actor,
    conversationId: string,
    since: number,
    absent: AbsentCode = 'CONVERSATION_NOT_FOUND',
  ): Promise<SyncResult> {
    const kind = await this.access.assertCanRead(actor, conversationId, absent);
    let changes = await this.messages.changesSince(conversationId, since, READ_FOR_PAGE);
    if (!changes) throw new AppError(absent);
    const isFuture = since > changes.head;
    if (isFuture) changes = (await this.messages.changesSince(conversationId, 0, READ_FOR_PAGE)) ?? changes;
    // Read after the counter: what changes in between is told again, never missed.
    const ofRoom = kind === 'room' ? await this.rooms.changesSince(conversationId, isFuture ? 0 : since) : null;
    const { until, ...page } = pageOfChanges(changes.head, changes.messages, ofRoom);
    const messages = await this.asTheyAre(page.messages);
    await this.access.assertCanRead(actor, conversationId, absent);
    return {
      conversationId,
      head: changes.head,
      ...page,
      messages,
      more: until < changes.head,
      ...(until < changes.head ? { until } : {}),
      ...(isFuture ? { reset: true as const } : {}),
    };
  }

  /** The message of number `seq` and the answer that the assistant began to it, if any. @throws AppError SESSION_NOT_FOUND */
  async questionAndAnswer(actor: Actor, conversationId: string, seq: number): Promise<MessageRecord[]> {
    await this.access.assertCanRead(actor, conversationId, 'SESSION_NOT_FOUND');
    const messages = await this.messages.questionAndAnswer(conversationId, seq);
    return messages.map((message) => this.running.fill(message));
  }

  /** The conversation's counter. @throws AppError SESSION_NOT_FOUND (or `CHAT_ROOM_NOT_FOUND`, as asked) */
  async head(actor: Actor, conversationId: string, absent: AbsentCode = 'SESSION_NOT_FOUND'): Promise<number> {
    await this.access.assertCanRead(actor, conversationId, absent);
    const head = await this.messages.headOf(conversationId);
    if (head === null) throw new AppError(absent);
    return head;
  }

  /** Whether the assistant owes an answer that it has not begun. @throws AppError SESSION_NOT_FOUND */
  async isAnswerDue(actor: Actor, conversationId: string): Promise<boolean> {
    await this.access.assertCanRead(actor, conversationId, 'SESSION_NOT_FOUND');
    return this.messages.isAnswerDue(conversationId);
  }

  /**
   * What message `seq` of a session gets where the assistant is silent: what the server said to it, or nothing at all for now, for
   * a human will answer. Null where the assistant answers. @throws AppError SESSION_NOT_FOUND
   */
  async insteadOfAnswer(
    actor: Actor,
    sessionId: string,
    seq: number,
  ): Promise<{ messageId: string | null; content: string } | null> {
    await this.access.assertCanRead(actor, sessionId, 'SESSION_NOT_FOUND');
    if (!(await this.messages.isSilenced(sessionId))) return null;
    const [answer] = (await this.messages.pageAfter('session', sessionId, seq, 1)).filter(
      ({ role }) => role === 'system',
    );
    return { messageId: answer?.id ?? null, content: answer?.content ?? '' };
  }

  /** What the assistant is writing in a conversation right now, if anything. */
  runningText(conversationId: string): RunningText | null {
    return this.running.find(conversationId);
  }

  /** @throws AppError MESSAGE_NOT_FOUND when it is absent or the actor may not see it */
  async getReadable(actor: Actor, messageId: string): Promise<MessageRecord> {
    const message = await this.messages.find(messageId);
    if (!message) throw new AppError('MESSAGE_NOT_FOUND');
    await this.access.assertCanRead(actor, message.conversationId, 'MESSAGE_NOT_FOUND');
    return message;
  }

  /** What a message said before its edits, oldest first. @throws AppError MESSAGE_NOT_FOUND | INVALID_CURSOR */
  async revisions(
    actor: Actor,
    messageId: string,
    { limit, cursor }: { limit: number; cursor?: string },
  ): Promise<Page<Revision>> {
    await this.getReadable(actor, messageId);
    const after = cursor === undefined ? undefined : decodeTimeCursor(cursor);
    const rows = await this.messages.revisions(messageId, limit + 1, after);
    return toPage(rows, limit, ({ replacedAt, id }) => [replacedAt.toISOString(), id]);
  }

  /** With what the database does not say: the text of a running answer, and who has read what. */
  private asTheyAre(messages: readonly MessageRecord[]): Promise<MessageRecord[]> {
    return this.receipts.withReadMarks(messages.map((message) => this.running.fill(message)));
  }

  /** Whom the new text of a message names, noted. */
  private async namedBy({ id, kind, conversationId, senderId }: MessageRecord, content: string): Promise<string[]> {
    if (kind !== 'room') return [];
    const named = await this.mentions.namedIn(conversationId, content, senderId);
    await this.mentions.replace(id, named);
    return named;
  }

  private async readMarked(message: MessageRecord): Promise<MessageRecord> {
    return (await this.receipts.withReadMarks([message]))[0] ?? message;
  }

  /** A message that asks for a human gets one instead of an answer, in the same transaction. */
  private callHuman(message: NewMessage): Promise<Appended> {
    return this.unitOfWork.run(async () => {
      const appended = await this.appender.append({ ...message, answerDue: false });
      if (appended.isReplay) return appended;
      this.events.publish('message.created', { message: appended.message });
      const { conversationId, seq } = appended.message;
      if (await this.desk.callHuman(conversationId, { by: 'keyword', reason: null })) return appended;
      await this.log.markAnswerDue(conversationId, seq);
      this.events.publish('answer.due', { conversationId });
      return appended;
    });
  }

  private async assertInConversation(messageId: string, conversationId: string): Promise<void> {
    const message = await this.messages.find(messageId);
    if (message?.conversationId !== conversationId)
      throw new AppError('MESSAGE_NOT_FOUND', { message: 'replyToId is not a message of this conversation.' });
  }
}

type Place = { before?: number; after?: number };

function placeCursor(side: 'before' | 'after', message: MessageRecord | undefined): string | null {
  return message ? encodeCursor([side, String(message.seq)]) : null;
}

function readPlace(cursor: string): Place {
  const [side, seq] = decodeCursor(cursor, 2);
  const number = /^\d{1,10}$/.test(seq ?? '') ? Number(seq) : NaN;
  if ((side !== 'before' && side !== 'after') || !(number <= HIGHEST_SEQ)) throw new AppError('INVALID_CURSOR');
  return side === 'before' ? { before: number } : { after: number };
}
