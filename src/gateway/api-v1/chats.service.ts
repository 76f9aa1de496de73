import { Injectable } from '@nestjs/common';
import { ModelService } from '../../ai/providers/model.service.js';
import type { Actor } from '../../common/actor.js';
import { AppError } from '../../common/errors/app-error.js';
import type { Page } from '../../common/pagination/page.js';
import type { MessageRecord } from '../../events/domain-events.js';
import { ConversationReader } from '../../messages/conversation-reader.service.js';
import { MessagesService } from '../../messages/messages.service.js';
import type { SessionView } from '../../sessions/session.js';
import { SessionsService } from '../../sessions/sessions.service.js';
import { ApiV1Chat, type ApiV1ListChatsDto } from './dto/chat.dto.js';
import { ApiV1Message } from './dto/message.dto.js';

const MESSAGES_AT_ONCE = 200;

/** AI sessions under the name that this dialect has for them. */
@Injectable()
export class ApiV1ChatsService {
  constructor(
    private readonly sessions: SessionsService,
    private readonly messages: MessagesService,
    private readonly reader: ConversationReader,
    private readonly models: ModelService,
  ) {}

  /** The latest active first. @throws AppError INVALID_CURSOR */
  async list(actor: Actor, query: ApiV1ListChatsDto): Promise<Page<ApiV1Chat>> {
    const page = await this.sessions.list(actor, query.include_archived ? {} : { archived: false }, query);
    const counts = await this.reader.countShown(page.items.map(({ id }) => id));
    return page.map((session) => ApiV1Chat.from(session, counts.get(session.id) ?? 0));
  }

  /** @throws AppError SESSION_NOT_FOUND */
  async get(actor: Actor, id: string): Promise<ApiV1Chat> {
    return this.withCount(await this.sessions.get(actor, id));
  }

  /**
   * The chat with all its messages as a JSON document, written while it is read: nobody knows how long a chat is.
   * @throws AppError SESSION_NOT_FOUND
   */
  async document(actor: Actor, id: string): Promise<AsyncIterable<string>> {
    const session = await this.sessions.get(actor, id);
    // The first page at once: a database that is away is told before the document begins.
    return chatDocument(session, await this.pageAfter(actor, id, 0), (seq) => this.pageAfter(actor, id, seq));
  }

  async create(actor: Actor, { title, model }: { title?: string | null; model?: string | null }): Promise<ApiV1Chat> {
    const session = await this.sessions.create(actor, {
      title: title?.trim() ? title : null,
      model: model?.trim() && this.isOffered(model) ? model : null,
    });
    return ApiV1Chat.from(session, 0);
  }

  /** @throws AppError SESSION_NOT_FOUND */
  async rename(actor: Actor, id: string, title: string): Promise<ApiV1Chat> {
    return this.withCount(await this.sessions.update(actor, id, { title }));
  }

  /** @throws AppError SESSION_NOT_FOUND */
  async setArchived(actor: Actor, id: string, archived: boolean): Promise<ApiV1Chat> {
    return this.withCount(await this.sessions.update(actor, id, { archived }));
  }

  private async withCount(session: SessionView): Promise<ApiV1Chat> {
    const counts = await this.reader.countShown([session.id]);
    return ApiV1Chat.from(session, counts.get(session.id) ?? 0);
  }

  private async pageAfter(actor: Actor, id: string, after: number): Promise<MessageRecord[]> {
    return (await this.messages.page(actor, id, { after, limit: MESSAGES_AT_ONCE })).items;
  }

  private isOffered(model: string): boolean {
    try {
      this.models.resolve(null, model);
      return true;
    } catch (error) {
      if (error instanceof AppError) return false;
      throw error;
    }
  }
}

/** The count comes last, so that it is that of the messages above it. */
async function* chatDocument(
  session: SessionView,
  first: MessageRecord[],
  pageAfter: (seq: number) => Promise<MessageRecord[]>,
): AsyncGenerator<string> {
  const { message_count: _, ...chat } = ApiV1Chat.from(session, 0);
  yield `${JSON.stringify(chat).slice(0, -1)},"messages":[`;
  let count = 0;
  for (let page = first; ;) {
    const shown = page.filter(isShown).map((message) => JSON.stringify(ApiV1Message.from(message)));
    if (shown.length > 0) yield (count > 0 ? ',' : '') + shown.join(',');
    count += shown.length;
    const last = page.at(-1);
    if (!last || page.length < MESSAGES_AT_ONCE) break;
    page = await pageAfter(last.seq);
  }
  yield `],"message_count":${count}}`;
}

const isShown = ({ deletedAt, supersededById }: MessageRecord): boolean =>
  deletedAt === null && supersededById === null;
