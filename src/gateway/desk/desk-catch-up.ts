import type { MessageRecord, SupportChatVisibility } from '../../events/domain-events.js';
import type { DeskConnection } from './desk-connection.js';
import { framesFor, smaller, type ChatTelling, type Material } from './desk-telling.js';

/** Messages that are told in one go. */
const AT_ONCE = 32;

/** How one connection is told what it missed: page by page, each message once. */
export class DeskCatchUp {
  /** How chats are that moved meanwhile. */
  readonly moved = new Map<string, SupportChatVisibility>();
  private readonly told = new Map<string, number>();
  private readonly begun = new Map<string, number>();
  private readonly turn: number;

  constructor(
    readonly connection: DeskConnection,
    /** The transaction from which on it misses everything; null: it begins now. */
    public from: number | null,
  ) {
    connection.isLive = false;
    this.turn = ++connection.syncs;
  }

  /** Neither gone, nor replaced by a newer one. */
  get isWanted(): boolean {
    return this.connection.sender.isOpen && this.connection.syncs === this.turn;
  }

  /** Without what earlier pages told. */
  narrowed(tellings: readonly ChatTelling[]): ChatTelling[] {
    return tellings.map((telling) => {
      const { chatId, since } = telling;
      if (since === null) return telling;
      const newSince = smaller(this.begun.get(chatId) ?? null, since) ?? since;
      this.begun.set(chatId, newSince);
      return { ...telling, newSince, since: Math.max(since, this.told.get(chatId) ?? 0) };
    });
  }

  /** Tells a page as fast as the reader takes it; what it may see is asked anew each time. */
  async tell(tellings: readonly ChatTelling[], { messages, views }: Omit<Material, 'moved'>): Promise<void> {
    for (const telling of this.narrowed(tellings)) {
      const { chatId, since } = telling;
      const all = (messages.get(chatId) ?? []).filter(({ changeSeq }) => since !== null && changeSeq > since);
      for (let at = 0; at === 0 || at < all.length; at += AT_ONCE) {
        if (this.connection.sender.hasMuch) await this.connection.sender.drained();
        if (!this.isWanted) return;
        const part = at === 0 ? telling : { ...telling, isChanged: false, formers: [telling.now] };
        this.send(part, { messages: new Map([[chatId, all.slice(at, at + AT_ONCE)]]), views });
      }
      const last = all.at(-1);
      if (last) this.told.set(chatId, last.changeSeq);
    }
  }

  private send(
    part: ChatTelling,
    material: { messages: ReadonlyMap<string, readonly MessageRecord[]>; views: Material['views'] },
  ): void {
    const frames = framesFor(this.connection.viewer, [part], { ...material, moved: this.moved });
    for (const frame of frames) this.connection.sender.send(frame);
  }
}
