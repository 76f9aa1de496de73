import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Actor } from '../common/actor.js';
import type { MessageRecord } from '../events/domain-events.js';
import type { SessionView } from '../sessions/session.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { PersonalDataRegistry } from '../users/personal-data.registry.js';
import { toMessageResponse, type MessageResponse } from './dto/message.response.dto.js';
import { SessionExportRepository } from './session-export.repository.js';
import { markdownBlock, markdownHead } from './session-markdown.js';

export interface SessionExport {
  session: SessionView;
  /** The document, piece by piece. */
  pieces: AsyncIterable<string>;
}

/** A whole session as one document, written while it is read. */
@Injectable()
export class SessionExportService implements OnModuleInit {
  constructor(
    private readonly sessions: SessionsService,
    private readonly messages: SessionExportRepository,
    private readonly personalData: PersonalDataRegistry,
  ) {}

  onModuleInit(): void {
    this.personalData.registerExportSection('messages', (userId) => this.allOf(userId));
  }

  /** `{ session, messages }`, with every message that was ever there. @throws AppError SESSION_NOT_FOUND */
  async json(actor: Actor, sessionId: string): Promise<SessionExport> {
    const session = await this.sessions.get(actor, sessionId);
    return { session, pieces: jsonDocument(session, await this.open(sessionId)) };
  }

  /** The conversation as people see it, as Markdown. @throws AppError SESSION_NOT_FOUND */
  async markdown(actor: Actor, sessionId: string): Promise<SessionExport> {
    const session = await this.sessions.get(actor, sessionId);
    return { session, pieces: markdownDocument(session, await this.open(sessionId)) };
  }

  /** Every message of a person's sessions, session by session. */
  private async *allOf(userId: string): AsyncGenerator<MessageResponse> {
    for await (const { id } of this.sessions.allOf(userId))
      for await (const page of this.messages.pages(id)) yield* page.map(toMessageResponse);
  }

  /** Reads the first page at once: a database that is away is told before the document begins. */
  private async open(sessionId: string): Promise<AsyncIterable<MessageRecord[]>> {
    const pages = this.messages.pages(sessionId);
    const first = await pages.next();
    return (async function* () {
      if (first.done) return;
      yield first.value;
      yield* pages;
    })();
  }
}

async function* jsonDocument(session: SessionView, pages: AsyncIterable<MessageRecord[]>): AsyncGenerator<string> {
  yield `{"session":${JSON.stringify(session)},"messages":[`;
  let separator = '';
  for await (const page of pages) {
    yield separator + page.map((message) => JSON.stringify(toMessageResponse(message))).join(',');
    separator = ',';
  }
  yield ']}';
}

async function* markdownDocument(session: SessionView, pages: AsyncIterable<MessageRecord[]>): AsyncGenerator<string> {
  yield markdownHead(session);
  for await (const page of pages) yield page.map(markdownBlock).join('');
}
