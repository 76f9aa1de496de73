import { setTimeout as delay } from 'node:timers/promises';

export interface SseEvent {
  event: string;
  id: string | undefined;
  data: Record<string, unknown>;
}

const PATIENCE_MS = 8_000;

/** Reads Server-Sent Events as the standard says: a line ends at CR LF, LF or CR. */
export class SseReader {
  readonly events: SseEvent[] = [];
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<void>;
  private readonly watchers = new Set<() => void>();

  private constructor(
    readonly status: number,
    private readonly controller: AbortController,
    body: ReadableStream<Uint8Array> | null,
  ) {
    this.ended = this.read(body).catch(() => undefined);
  }

  /** Resolves once the head is there, whatever it says. */
  static async open(url: string, headers: Record<string, string> = {}): Promise<SseReader> {
    const controller = new AbortController();
    const response = await fetch(url, { headers, signal: controller.signal });
    return new SseReader(response.status, controller, response.body);
  }

  /** The first event, past or to come, that fits. */
  async next(fits: (event: SseEvent) => boolean): Promise<SseEvent> {
    const found = await Promise.race([
      new Promise<SseEvent>((resolve) => {
        const watch = () => {
          const event = this.events.find(fits);
          if (event) resolve(event);
        };
        this.watchers.add(watch);
        watch();
      }),
      delay(PATIENCE_MS, null, { ref: false }),
    ]);
    if (!found) throw new Error(`No such event came; there were: ${JSON.stringify(this.events).slice(0, 500)}`);
    return found;
  }

  close(): void {
    this.controller.abort();
  }

  private async read(body: ReadableStream<Uint8Array> | null): Promise<void> {
    if (!body) return;
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      const frames = text.split(/(?:\r\n|\n|\r(?!\n)){2}/);
      text = frames.pop() ?? '';
      for (const frame of frames) this.take(frame);
    }
  }

  private take(frame: string): void {
    const fields = new Map<string, string>();
    for (const line of frame.split(/\r\n|\n|\r/)) {
      const [, name, value] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
      if (name) fields.set(name, fields.has(name) ? `${fields.get(name)}\n${value}` : (value ?? ''));
    }
    const data = fields.get('data');
    if (data === undefined) return;
    this.events.push({
      event: fields.get('event') ?? 'message',
      id: fields.get('id'),
      data: JSON.parse(data) as Record<string, unknown>,
    });
    for (const watch of this.watchers) watch();
  }
}
