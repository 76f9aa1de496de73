/** How long "is typing" holds without a renewal. */
export const TYPING_MS = 3_000;

/** Who is typing where: falls to false by itself, told only when it changes. */
export class Typing {
  private readonly timers = new Map<string, { userId: string; timer: NodeJS.Timeout; stop: () => void }>();

  constructor(private readonly holdsMs = TYPING_MS) {}

  /** `tell` is called with true when it begins and with false when it ends. */
  set(
    { connectionId, userId, conversationId }: { connectionId: string; userId: string; conversationId: string },
    isTyping: boolean,
    tell: (typing: boolean) => void,
  ): void {
    const key = `${connectionId} ${conversationId}`;
    const current = this.timers.get(key);
    if (!isTyping) return current?.stop();
    if (current) {
      current.timer.refresh();
      return;
    }
    const stop = () => {
      clearTimeout(entry.timer);
      this.timers.delete(key);
      tell(false);
    };
    const entry = { userId, timer: setTimeout(() => stop(), this.holdsMs).unref(), stop };
    this.timers.set(key, entry);
    tell(true);
  }

  /** Ends what a connection was typing in one conversation, or everywhere. */
  end(connectionId: string, conversationId = ''): void {
    for (const [key, { stop }] of this.timers) if (key.startsWith(`${connectionId} ${conversationId}`)) stop();
  }

  /** Ends what a person was typing in one conversation, on whatever connection. */
  endOf(userId: string, conversationId: string): void {
    for (const [key, entry] of this.timers)
      if (entry.userId === userId && key.endsWith(` ${conversationId}`)) entry.stop();
  }
}
