import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { DistantTexts } from '../../ai/distant-texts.service.js';
import { ActorResolver } from '../../auth/actor-resolver.service.js';
import { DomainEventBus } from '../../events/domain-event-bus.js';
import { OnDomainEvent } from '../../events/on-domain-event.js';
import { ConversationReader } from '../../messages/conversation-reader.service.js';
import { conversationRoom, signInOf, signInRoom } from '../contract/room-names.js';
import { ConversationFeeds } from './conversation-feeds.js';
import { LiveHub } from './live-hub.js';

/** Between two looks while the other nodes are heard: repairs what one of them could not tell before it died. */
const SLOW_MS = 3_000;
/** The same while they are not heard. */
const FAST_MS = 400;
const CHUNK = 1_000;

/**
 * Asks PostgreSQL what other nodes did: how far the conversations that somebody reads here have come, what is being written
 * in them, and which sign-ins are over. A lone node never asks.
 */
@Injectable()
export class CatchUpService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(CatchUpService.name);
  private timer: NodeJS.Timeout | undefined;
  private lastAt = performance.now();
  private looking: Promise<void> | null = null;

  constructor(
    private readonly events: DomainEventBus,
    private readonly feeds: ConversationFeeds,
    private readonly reader: ConversationReader,
    private readonly texts: DistantTexts,
    private readonly actors: ActorResolver,
    private readonly hub: LiveHub,
  ) {}

  onApplicationBootstrap(): void {
    if (this.events.isShared) this.timer = setInterval(() => this.tick(), FAST_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  @OnDomainEvent('nodes.missed')
  async look(): Promise<void> {
    this.looking ??= this.lookOnce().finally(() => (this.looking = null));
    await this.looking;
  }

  private tick(): void {
    if (this.looking) return;
    // What memory holds of other nodes' doings is no older than this then.
    if (!this.events.hearsOthers) this.events.publish('nodes.missed', {});
    else if (performance.now() - this.lastAt >= SLOW_MS) void this.look();
  }

  private async lookOnce(): Promise<void> {
    this.lastAt = performance.now();
    const looks = await Promise.allSettled([this.lookAtConversations(), this.lookAtSignIns()]);
    for (const look of looks)
      if (look.status === 'rejected')
        this.logger.warn({ msg: 'It could not be read what other nodes did', err: look.reason as Error });
  }

  private async lookAtConversations(): Promise<void> {
    const watched = this.feeds.watched();
    for (const ids of chunks(watched)) {
      const heads = await this.reader.headsOf(ids);
      for (const id of ids) {
        const head = heads.get(id);
        if (head === undefined) this.gone(id);
        else this.feeds.reached(id, head);
      }
      await this.texts.refresh(ids);
    }
    await this.texts.refreshKnown();
  }

  /** Nobody reads on in a conversation that was deleted. */
  private gone(conversationId: string): void {
    const room = conversationRoom(conversationId);
    this.hub.takeOut(room, room);
    this.feeds.release(conversationId);
  }

  private async lookAtSignIns(): Promise<void> {
    const signIns = [...this.hub.rooms()].map(signInOf).filter((id) => id !== null);
    for (const ids of chunks(signIns))
      for (const id of await this.actors.findEnded(ids)) this.hub.closeRoom(signInRoom(id), 'signed_out');
  }
}

function* chunks(ids: readonly string[]): Generator<readonly string[]> {
  for (let at = 0; at < ids.length; at += CHUNK) yield ids.slice(at, at + CHUNK);
}
