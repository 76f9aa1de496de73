import { request } from 'node:http';

export interface SseFrame {
  id: string | null;
  event: string;
  data: Record<string, unknown>;
}

/** Reads one event stream, frame by frame, as the specification says; knows nothing of our payloads. */
export class SseClient {
  readonly frames: SseFrame[] = [];
  status = 0;
  contentType = '';
  body = '';
  isOver = false;
  private readonly watchers = new Set<() => void>();
  private readonly request;

  private constructor(url: string, headers: Record<string, string>) {
    this.request = request(url, { headers: { accept: 'text/event-stream', ...headers }, agent: false });
  }

  /** Resolves when the headers are there. */
  static async open(url: string, headers: Record<string, string> = {}): Promise<SseClient> {
    const client = new SseClient(url, headers);
    await new Promise<void>((resolve, reject) => {
      client.request.on('error', reject);
      client.request.on('response', (response) => {
        client.status = response.statusCode ?? 0;
        client.contentType = response.headers['content-type'] ?? '';
        response.setEncoding('utf8');
        response.on('data', (text: string) => client.take(text));
        response.on('close', () => {
          client.isOver = true;
          client.wake();
        });
        resolve();
      });
      client.request.end();
    });
    client.request.removeAllListeners('error').on('error', () => undefined);
    return client;
  }

  get lastId(): string | null {
    return this.frames.findLast(({ id }) => id !== null)?.id ?? null;
  }

  of(event: string): Record<string, unknown>[] {
    return this.frames.filter((frame) => frame.event === event).map(({ data }) => data);
  }

  async event(name: string): Promise<Record<string, unknown>> {
    await this.until(() => this.of(name).length > 0, name);
    return this.of(name)[0]!;
  }

  over(): Promise<void> {
    return this.until(() => this.isOver, 'the end of the stream');
  }

  until(condition: () => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${what} did not come: ${this.body.slice(-500)}`)), 10_000);
      const watch = () => {
        if (!condition()) return;
        clearTimeout(timer);
        this.watchers.delete(watch);
        resolve();
      };
      this.watchers.add(watch);
      watch();
    });
  }

  close(): void {
    this.request.destroy();
  }

  private take(text: string): void {
    this.body += text;
    const blocks = this.body.split(/(?:\r\n|\n|\r(?!\n)){2}/).slice(0, -1);
    this.frames.length = 0;
    for (const block of blocks) {
      const frame: SseFrame = { id: null, event: 'message', data: {} };
      let data = '';
      for (const line of block.split(/\r\n|\n|\r/)) {
        const [, field, value = ''] = /^([^:]+):? ?(.*)$/s.exec(line) ?? [];
        if (field === 'id') frame.id = value;
        if (field === 'event') frame.event = value;
        if (field === 'data') data += value;
      }
      if (data === '') continue;
      frame.data = JSON.parse(data) as Record<string, unknown>;
      this.frames.push(frame);
    }
    this.wake();
  }

  private wake(): void {
    for (const watch of [...this.watchers]) watch();
  }
}
