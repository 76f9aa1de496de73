import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import type { MessageRecord, OperatorStatus, SupportChatVisibility } from '../../events/domain-events.js';
import { writeDeskCursor, type DeskChange, type DeskChanges, type DeskPosition } from '../../operators/desk-changes.js';
import { DeskLogService } from '../../operators/desk-log.service.js';
import { OperatorPresence } from '../../operators/operator-presence.service.js';
import { SupportChatsService } from '../../operators/support-chats.service.js';
import { deskFrame, withCursor } from '../contract/desk-frames.js';
import { DeskCatchUp } from './desk-catch-up.js';
import type { Since } from './desk-commands.js';
import type { DeskConnection } from './desk-connection.js';
import { DeskConnections } from './desk-connections.js';
import { DeskSubscriptions } from './desk-subscriptions.js';
import { framesFor, tellingsOf, type Material } from './desk-telling.js';

/** Changes of one page for a reader that catches up. */
const PAGE = 25;
/** What other nodes did, or a death between commit and event left untold, is found after this long. */
const SWEEP_MS = 1_000;
const RETRY_MS = 1_000;

interface Joiner {
  catchUp: DeskCatchUp;
  /** What is said once it is let in, with where that is. */
  greet: (cursor: string, operators: { operatorId: string; status: OperatorStatus }[]) => void;
}

/**
 * What happens at the desk, told to all connections from the log of its changes: what happened only wakes this. So live connections
 * and those that come back are told the same, in the order of each chat's numbers, and the position in the log is a cursor.
 */
@Injectable()
export class DeskFeed implements OnModuleDestroy {
  private readonly logger = new Logger(DeskFeed.name);
  private readonly sweeper = setInterval(() => this.wake(), SWEEP_MS).unref();
  /** Everything of smaller transactions was told; null while nobody is here. */
  private position: number | null = null;
  /** What was told of larger ones. */
  private told = new Set<string>();
  private epoch: string | null = null;
  private readonly joiners: Joiner[] = [];
  private readonly catchingUp = new Set<DeskCatchUp>();
  /** How chats are that moved since the reading under way began. */
  private readonly moved = new Map<string, SupportChatVisibility>();
  private running: Promise<void> | null = null;
  private isAskedAgain = false;
  private isOver = false;

  constructor(
    private readonly log: DeskLogService,
    private readonly chats: SupportChatsService,
    private readonly presence: OperatorPresence,
    private readonly connections: DeskConnections,
    private readonly subscriptions: DeskSubscriptions,
  ) {}

  async onModuleDestroy(): Promise<void> {
    this.isOver = true;
    clearInterval(this.sweeper);
    await this.running;
  }

  /** Where live connections stand. */
  get cursor(): string | undefined {
    return this.position === null || this.epoch === null
      ? undefined
      : writeDeskCursor({ epoch: this.epoch, changedIn: this.position });
  }

  /** Lets a connection in from now on; `greet` is told where that is. */
  enter(connection: DeskConnection, greet: (cursor: string) => void): void {
    this.joiners.push({ catchUp: new DeskCatchUp(connection, null), greet });
    this.wake();
  }

  /** Tells a connection what it missed since, `begin` first, and then what happens. Never before that is read. */
  async sync(connection: DeskConnection, since: Since, begin: (cursor: string) => void): Promise<void> {
    const former = connection.isLive ? this.position : null;
    const catchUp = new DeskCatchUp(connection, former);
    this.catchingUp.add(catchUp);
    try {
      const { position, isWhole } = await this.log.positionOf(since);
      begin(writeDeskCursor(position));
      catchUp.from = position.changedIn;
      await this.tellPages(catchUp, position);
      const greet: Joiner['greet'] = (cursor, operators) =>
        connection.sender.send(deskFrame('synced', { cursor, complete: isWhole, operators }));
      this.joiners.push({ catchUp, greet });
      this.wake();
    } catch (error) {
      // It goes on where it was.
      this.joiners.push({ catchUp, greet: () => undefined });
      this.wake();
      throw error;
    } finally {
      this.catchingUp.delete(catchUp);
    }
  }

  /** A chat is in another state: nobody who may not see it any more is told about it from now on. */
  chatMoved(chatId: string, now: SupportChatVisibility): void {
    if (!this.connections.isAnybodyHere) return;
    this.moved.set(chatId, now);
    for (const { moved } of this.catchingUp) moved.set(chatId, now);
    this.subscriptions.moved(chatId, now);
    this.wake();
  }

  /** Something happened. */
  wake(): void {
    if (this.isOver || !this.connections.isAnybodyHere) return;
    this.isAskedAgain = true;
    this.running ??= this.run().finally(() => (this.running = null));
  }

  private async run(): Promise<void> {
    while (this.isAskedAgain && !this.isOver) {
      this.isAskedAgain = false;
      const joiners = this.joiners.splice(0).filter(({ catchUp }) => catchUp.isWanted);
      try {
        await this.step(joiners);
      } catch (error) {
        this.logger.warn({ msg: 'The desk could not be told what happened; trying again', err: error });
        this.joiners.push(...joiners);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
        this.isAskedAgain = true;
      }
    }
  }

  private async step(joiners: readonly Joiner[]): Promise<void> {
    // What moves from here on may be missing in what is read.
    this.moved.clear();
    if (this.connections.live().length === 0) this.position = null;
    const from = [this.position, ...joiners.map(({ catchUp }) => catchUp.from)].filter((it) => it !== null);
    this.epoch ??= await this.log.epoch();
    const read = await this.log.read(from.length > 0 ? Math.min(...from) : Number.MAX_SAFE_INTEGER);
    const material = await this.materialOf(read);
    const operators = joiners.length > 0 ? await this.presence.statuses() : [];
    // Nothing is awaited any more: what is told is told in one turn, to those who may see it in this turn.
    const { position } = this;
    const fresh = read.changes.filter(
      (it) => position !== null && it.changedIn >= position && !this.told.has(keyOf(it)),
    );
    const cursor = writeDeskCursor({ epoch: this.epoch, changedIn: Math.max(read.horizon, position ?? 0) });
    for (const connection of this.connections.live()) this.tell(connection, fresh, material, cursor);
    for (const { catchUp, greet } of joiners) {
      if (!catchUp.isWanted) continue;
      const { connection, from: since } = catchUp;
      const missed = since === null ? [] : read.changes.filter(({ changedIn }) => changedIn >= since);
      const frames = framesFor(connection.viewer, catchUp.narrowed(tellingsOf(missed)), material);
      for (const frame of frames) connection.sender.send(frame);
      connection.isLive = true;
      greet(cursor, operators);
    }
    this.position = Math.max(read.horizon, position ?? 0);
    this.told = new Set(read.changes.filter(({ changedIn }) => changedIn >= read.horizon).map(keyOf));
    for (const { chatId, now } of fresh) this.subscriptions.moved(chatId, now);
  }

  private tell(connection: DeskConnection, fresh: readonly DeskChange[], material: Material, cursor: string): void {
    const frames = framesFor(connection.viewer, tellingsOf(fresh), material);
    const last = frames.length - 1;
    // Only the last one: with an earlier one the rest would be missing.
    frames.forEach((frame, place) => connection.sender.send(place === last ? withCursor(frame, cursor) : frame));
  }

  /** All but the last page. */
  private async tellPages(catchUp: DeskCatchUp, { epoch, changedIn }: DeskPosition): Promise<void> {
    let from = changedIn;
    for (;;) {
      const page = await this.log.read(from, PAGE);
      const last = page.changes.at(-1);
      if (!page.more || !last || !catchUp.isWanted) return;
      const next = Math.min(last.changedIn + 1, page.horizon);
      if (next <= from) return;
      await catchUp.tell(tellingsOf(page.changes), await this.materialOf(page));
      catchUp.from = from = next;
      // Where it can go on if it breaks off again.
      const cursor = writeDeskCursor({ epoch, changedIn: next });
      if (catchUp.isWanted) catchUp.connection.sender.send(deskFrame('ping', { cursor }));
    }
  }

  private async materialOf({ changes, messages }: DeskChanges): Promise<Material> {
    const byChat = new Map<string, MessageRecord[]>();
    for (const message of messages) {
      const { conversationId } = message;
      byChat.set(conversationId, [...(byChat.get(conversationId) ?? []), message]);
    }
    const ids = new Set(changes.filter(({ now }) => now !== null).map(({ chatId }) => chatId));
    const views = await this.chats.findAll([...ids]);
    return { messages: byChat, views: new Map(views.map((view) => [view.id, view])), moved: this.moved };
  }
}

const keyOf = ({ changedIn, chatId }: DeskChange): string => `${changedIn} ${chatId}`;
