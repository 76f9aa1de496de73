import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setImmediate as yieldToEventLoop, setTimeout as sleep } from 'node:timers/promises';

/** How a streamed answer goes on after its deltas. */
export type Ending =
  /** finish_reason, usage and `[DONE]`, as a healthy server ends. */
  | 'finish'
  /** The chunked body ends properly, but nothing says that the answer is whole. */
  | 'eof'
  /** The connection is closed in the middle of the body. */
  | 'cut'
  /** The connection is reset (RST). */
  | 'reset'
  /** Nothing more comes, the connection stays open. */
  | 'stall'
  /** An `error` object comes instead of the next delta. */
  | 'error';

/** What the server does with one call. */
export type Step =
  | { status: number; headers?: Record<string, string>; body?: unknown }
  /** Takes the request and says nothing, or drops the connection at once. */
  | { before: 'stall' | 'reset' }
  /** Any bytes as the body, one write each; `ending` may be `eof`, `cut`, `reset` or `stall`. */
  | { raw: readonly (string | Uint8Array)[]; status?: number; contentType?: string; everyMs?: number; ending?: Ending }
  /** Deltas without end, as fast as the client takes them. */
  | { endless: string }
  | {
      deltas: readonly string[];
      ending?: Ending;
      /** Pause before each delta. */
      everyMs?: number;
      finishReason?: string;
      usage?: { prompt_tokens: number; completion_tokens: number };
      /** The error object of `ending: 'error'`. */
      error?: unknown;
    };

/** A step, or what decides on it by the request. */
export type Script = Step | ((body: Record<string, unknown>) => Step);

/** One call as the server saw it. Times are of `performance.now()`. */
export interface RecordedCall {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Record<string, unknown>;
  readonly at: number;
  /** Deltas that were handed to the socket. */
  sent: number;
  /** Resolves when the connection is gone, with the time and who ended it. */
  readonly closed: Promise<{ at: number; byClient: boolean }>;
}

/** An OpenAI-compatible server on a raw TCP port that behaves exactly as badly as it is told. */
export class ScriptedOpenAi {
  /** Every call so far, oldest first. */
  readonly calls: RecordedCall[] = [];
  private steps: Script[] = [{ deltas: ['Hello', ' world'] }];
  private taken = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {
    server.on('connection', (socket) => this.serve(socket));
  }

  static async start(): Promise<ScriptedOpenAi> {
    const server = createServer({ noDelay: true });
    const scripted = new ScriptedOpenAi(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return scripted;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** For OPENAI_BASE_URL. */
  get baseUrl(): string {
    return `${this.origin}/v1`;
  }

  /** Connections that are open now. */
  get openSockets(): number {
    return this.sockets.size;
  }

  /** What the next calls get, in turn; the last step is repeated. Forgets former calls. */
  script(...steps: Script[]): void {
    this.steps = steps;
    this.taken = 0;
    this.calls.length = 0;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    let received = Buffer.alloc(0);
    let isBusy = false;
    const state = { endedByUs: false, dead: false };
    const closed = new Promise<{ at: number; byClient: boolean }>((resolve) => {
      socket.on('close', () => {
        this.sockets.delete(socket);
        state.dead = true;
        resolve({ at: performance.now(), byClient: !state.endedByUs });
      });
    });
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      const request = isBusy ? null : readRequest(received);
      if (!request) return;
      received = received.subarray(request.length);
      isBusy = true;
      const script = this.steps[Math.min(this.taken++, this.steps.length - 1)]!;
      const step = typeof script === 'function' ? script(request.parts.body) : script;
      const call: RecordedCall = { ...request.parts, at: performance.now(), sent: 0, closed };
      this.calls.push(call);
      void play(step, socket, call, state).finally(() => (isBusy = false));
    });
  }
}

interface ConnectionState {
  endedByUs: boolean;
  dead: boolean;
}

async function play(step: Step, socket: Socket, call: RecordedCall, state: ConnectionState): Promise<void> {
  const end = (how: 'reset' | 'cut') => {
    state.endedByUs = true;
    if (how === 'reset') socket.resetAndDestroy();
    else socket.destroySoon();
  };
  if ('before' in step) {
    if (step.before === 'reset') end('reset');
    return;
  }
  if ('status' in step && !('raw' in step)) {
    const body = typeof step.body === 'string' ? step.body : JSON.stringify(step.body ?? { error: { message: 'no' } });
    const headers = { 'content-type': 'application/json', ...step.headers, 'content-length': Buffer.byteLength(body) };
    socket.write(head(step.status, headers) + body);
    return;
  }
  const contentType = 'raw' in step ? (step.contentType ?? 'text/event-stream') : 'text/event-stream';
  const status = 'raw' in step ? (step.status ?? 200) : 200;
  socket.write(head(status, { 'content-type': contentType, 'transfer-encoding': 'chunked' }));
  const write = (piece: string | Uint8Array): boolean => {
    const bytes = Buffer.from(piece);
    return socket.write(Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]));
  };
  if ('endless' in step) {
    while (!state.dead) {
      call.sent++;
      if (write(chunk({ choices: [{ index: 0, delta: { content: step.endless } }] }))) {
        if (call.sent % 64 === 0) await yieldToEventLoop();
      } else {
        await new Promise<void>((resolve) => {
          socket.once('drain', resolve);
          socket.once('close', resolve);
        });
      }
    }
    return;
  }
  const pieces =
    'raw' in step ? step.raw : step.deltas.map((content) => chunk({ choices: [{ index: 0, delta: { content } }] }));
  for (const piece of pieces) {
    await (step.everyMs === undefined ? yieldToEventLoop() : sleep(step.everyMs));
    if (state.dead) return;
    write(piece);
    call.sent++;
  }
  const ending = step.ending ?? ('raw' in step ? 'eof' : 'finish');
  if (ending === 'stall') return;
  if (ending === 'reset' || ending === 'cut') {
    // What was written is to arrive before the connection goes.
    await sleep(20);
    return end(ending);
  }
  if (ending === 'error' && 'deltas' in step)
    write(chunk({ error: step.error ?? { message: 'boom', type: 'server_error' } }));
  if (ending === 'finish' && 'deltas' in step) {
    write(chunk({ choices: [{ index: 0, delta: {}, finish_reason: step.finishReason ?? 'stop' }] }));
    if (step.usage) write(chunk({ choices: [], usage: step.usage }));
    write('data: [DONE]\n\n');
  }
  socket.write('0\r\n\r\n');
}

function chunk(fields: Record<string, unknown>): string {
  return `data: ${JSON.stringify({ id: 'scripted', object: 'chat.completion.chunk', ...fields })}\n\n`;
}

function head(status: number, headers: Record<string, string | number>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Scripted\r\n${lines.join('')}\r\n`;
}

interface ReceivedRequest {
  length: number;
  parts: Pick<RecordedCall, 'path' | 'headers' | 'body'>;
}

/** The first whole request of these bytes, or null when more has to come. */
function readRequest(bytes: Buffer): ReceivedRequest | null {
  const headLength = bytes.indexOf('\r\n\r\n');
  if (headLength < 0) return null;
  const [first = '', ...lines] = bytes.subarray(0, headLength).toString('latin1').split('\r\n');
  const headers: Record<string, string> = {};
  for (const line of lines)
    headers[line.slice(0, line.indexOf(':')).toLowerCase()] = line.slice(line.indexOf(':') + 1).trim();
  const length = headLength + 4 + Number(headers['content-length'] ?? 0);
  if (bytes.length < length) return null;
  const text = bytes.subarray(headLength + 4, length).toString('utf8');
  const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
  return { length, parts: { path: first.split(' ')[1] ?? '', headers, body } };
}
