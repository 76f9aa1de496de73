import { Injectable } from '@nestjs/common';
import { DistantTexts } from '../../ai/distant-texts.service.js';
import type { Actor } from '../../common/actor.js';
import { DEFAULT_PAGE_SIZE } from '../../common/pagination/page.js';
import { ConversationAccess } from '../../messages/conversation-access.js';
import { toMessageResponse, type MessageResponse } from '../../messages/dto/message.response.dto.js';
import { MessagesService } from '../../messages/messages.service.js';
import type { RunningText } from '../../messages/running-texts.js';
import { ConversationFeeds } from './conversation-feeds.js';

/** What a reader is told when it begins to watch a session. */
export interface WatchSnapshot {
  head: number;
  /** What changed since the reader's number, by `changeSeq`; without a number the newest page, by `seq`. */
  messages: MessageResponse[];
  /** More changed than fits: `sync` from the last `changeSeq` for the rest. */
  more?: true;
  /** The reader's number was never reached here: this is everything, from the start. */
  reset?: true;
  /** The answer that is being written right now. */
  streaming?: { messageId: string; content: string };
}

/** UTF-16 units; older messages are read page by page. */
const SNAPSHOT_LENGTH = 128 * 1024;

/** Lets readers into the feeds of conversations, over every wire. */
@Injectable()
export class WatchService {
  constructor(
    private readonly feeds: ConversationFeeds,
    private readonly access: ConversationAccess,
    private readonly messages: MessagesService,
    private readonly distantTexts: DistantTexts,
  ) {}

  /** @throws AppError SESSION_NOT_FOUND */
  async assertCanWatch(actor: Actor, sessionId: string): Promise<void> {
    await this.access.assertCanRead(actor, sessionId, 'SESSION_NOT_FOUND');
  }

  /**
   * Hands the snapshot to `enter`, which joins the conversation's room in the same turn: nothing is missed or told twice.
   * @throws AppError SESSION_NOT_FOUND
   */
  async open(
    actor: Actor,
    sessionId: string,
    connectionId: string,
    since: number | undefined,
    enter: (snapshot: WatchSnapshot) => void,
  ): Promise<void> {
    await this.assertCanWatch(actor, sessionId);
    await this.enter(sessionId, connectionId, () => this.read(actor, sessionId, since), enter);
  }

  /**
   * The same for a reader of one answer, however long ago it was asked for: the snapshot is question `seq` and the answer that
   * it has, if any.
   * @throws AppError SESSION_NOT_FOUND
   */
  async openAnswer(
    actor: Actor,
    sessionId: string,
    connectionId: string,
    seq: number,
    enter: (snapshot: WatchSnapshot) => void,
  ): Promise<void> {
    await this.assertCanWatch(actor, sessionId);
    await this.enter(sessionId, connectionId, () => this.readAnswer(actor, sessionId, seq), enter);
  }

  release(sessionId: string): void {
    this.feeds.release(sessionId);
  }

  private enter(
    sessionId: string,
    connectionId: string,
    read: () => Promise<WatchSnapshot>,
    enter: (snapshot: WatchSnapshot) => void,
  ): Promise<void> {
    const readAll = async (): Promise<WatchSnapshot> => {
      await this.distantTexts.prepare(sessionId);
      return read();
    };
    return this.feeds.open(sessionId, connectionId, readAll, (snapshot) => {
      const streaming = streamingIn(snapshot, this.messages.runningText(sessionId));
      enter(streaming ? { ...snapshot, streaming } : snapshot);
    });
  }

  private async readAnswer(actor: Actor, sessionId: string, seq: number): Promise<WatchSnapshot> {
    // The counter first, as below.
    const head = await this.messages.head(actor, sessionId);
    const messages = await this.messages.questionAndAnswer(actor, sessionId, seq);
    return { head, messages: messages.map(toMessageResponse) };
  }

  private async read(actor: Actor, sessionId: string, since: number | undefined): Promise<WatchSnapshot> {
    if (since !== undefined) {
      const { head, messages, more, reset } = await this.messages.sync(actor, sessionId, since, 'SESSION_NOT_FOUND');
      return {
        head,
        messages: messages.map(toMessageResponse),
        ...(more ? { more: true as const } : {}),
        ...(reset ? { reset } : {}),
      };
    }
    // The counter first: what changes between the two reads is told again by the feed, never missed.
    const head = await this.messages.head(actor, sessionId);
    const { items } = await this.messages.page(actor, sessionId, { limit: DEFAULT_PAGE_SIZE });
    return { head, messages: newestOf(items.map(toMessageResponse)) };
  }
}

/** What is being written at this moment, for a reader of the snapshot. */
export function streamingIn(
  snapshot: Pick<WatchSnapshot, 'head' | 'messages'>,
  running: RunningText | null,
): WatchSnapshot['streaming'] {
  return running && isShown(running, snapshot) ? { messageId: running.messageId, content: running.content } : undefined;
}

/** The text of a message that begins after the snapshot comes with the message; one whose end is in the snapshot is whole there. */
function isShown(running: RunningText, { head, messages }: Pick<WatchSnapshot, 'head' | 'messages'>): boolean {
  const message = messages.find(({ id }) => id === running.messageId);
  return running.seq <= head && (!message || (message.status === 'streaming' && message.deletedAt === undefined));
}

/** The newest messages whose texts together are within `SNAPSHOT_LENGTH`; at least one. */
function newestOf(messages: MessageResponse[]): MessageResponse[] {
  let length = 0;
  const last = messages.findLastIndex(({ content }) => (length += content.length) > SNAPSHOT_LENGTH);
  return messages.slice(Math.min(last + 1, Math.max(0, messages.length - 1)));
}
