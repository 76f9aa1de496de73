export interface ApiV1Answer<T> {
  status: number;
  headers: Headers;
  body: T;
}

export interface Tokens {
  access_token: string;
  refresh_token: string;
  token_type: string;
  expires_in: number;
}

export interface Chat {
  id: string;
  title: string;
  model_used: string;
  created_at: string;
  updated_at: string;
  is_archived: boolean;
  message_count: number;
  messages?: ChatMessage[];
}

export interface ChatMessage {
  id: string;
  role: string;
  content: string;
  tokens: number;
  created_at: string;
  sequence_number: number;
  is_incomplete?: boolean;
}

export interface Frame {
  event: string;
  id?: string;
  data: { content?: string; type?: string; tokens?: number; is_incomplete?: boolean; error?: string };
}

/** The front-end that the `/api/v1` dialect was made for: fetch, snake_case, frames cut by hand. Knows nothing of our code. */
export class ApiV1Client {
  tokens: Tokens | null = null;

  constructor(readonly url: string) {}

  static async register(url: string, email: string, username = 'somebody'): Promise<ApiV1Client> {
    const client = new ApiV1Client(url);
    const answer = await client.call<Tokens>('POST', '/auth/register', {
      email,
      username,
      password: `a long password of ${email}`,
    });
    if (answer.status !== 201) throw new Error(`register answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    client.tokens = answer.body;
    return client;
  }

  async call<T = { error: string }>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<ApiV1Answer<T>> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        ...this.authorization,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as T };
  }

  async chat(body: object = {}): Promise<Chat> {
    const answer = await this.call<Chat>('POST', '/chats', body);
    if (answer.status !== 201) throw new Error(`POST /chats answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  async show(id: string): Promise<Chat & { messages: ChatMessage[] }> {
    return (await this.call<Chat & { messages: ChatMessage[] }>('GET', `/chats/${id}?include_messages=true`)).body;
  }

  /** Asks, and reads frames as they come. */
  async ask(
    chatId: string,
    query: Record<string, string> | string,
    headers: Record<string, string> = {},
  ): Promise<ApiV1Stream> {
    const search = typeof query === 'string' ? new URLSearchParams({ message: query }) : new URLSearchParams(query);
    const abort = new AbortController();
    const response = await fetch(`${this.url}/api/v1/stream/chat/${chatId}?${search.toString()}`, {
      headers: { ...this.authorization, ...headers },
      signal: abort.signal,
    });
    return new ApiV1Stream(response, abort);
  }

  private get authorization(): Record<string, string> {
    return this.tokens ? { authorization: `Bearer ${this.tokens.access_token}` } : {};
  }
}

export class ApiV1Stream {
  readonly frames: Frame[] = [];
  /** Every byte so far. */
  raw = '';
  readonly status: number;
  readonly contentType: string | null;
  readonly headers: Headers;
  private readonly over: Promise<void>;
  private readonly watchers = new Set<() => void>();

  constructor(
    response: Response,
    private readonly abort: AbortController,
  ) {
    this.status = response.status;
    this.headers = response.headers;
    this.contentType = response.headers.get('content-type');
    this.over = this.read(response);
  }

  get last(): Frame | undefined {
    return this.frames.at(-1);
  }

  /** What a person sees of the answer: all the tokens, one after another. */
  get text(): string {
    return this.frames.flatMap(({ data }) => (data.type === 'token' ? [data.content] : [])).join('');
  }

  /** The stream has ended; its frames. */
  async all(): Promise<Frame[]> {
    await this.over;
    return this.frames;
  }

  /** The body of a refusal. */
  async refusal(): Promise<unknown> {
    await this.over;
    return JSON.parse(this.raw) as unknown;
  }

  async until(condition: () => boolean): Promise<void> {
    const reached = new Promise<void>((resolve) => {
      const watch = () => condition() && resolve();
      this.watchers.add(watch);
      watch();
    });
    await Promise.race([
      reached,
      this.over.then(() => {
        if (!condition()) throw new Error(`the stream ended before: ${this.raw.slice(-500)}`);
      }),
    ]);
  }

  /** Goes away in the middle. */
  async leave(): Promise<void> {
    this.abort.abort();
    await this.over;
  }

  private async read(response: Response): Promise<void> {
    const decoder = new TextDecoder();
    let buffer = '';
    try {
      for await (const bytes of response.body ?? []) {
        const text = decoder.decode(bytes as Uint8Array, { stream: true });
        this.raw += text;
        buffer += text;
        const blocks = buffer.split('\n\n');
        buffer = blocks.pop() ?? '';
        for (const block of blocks) this.take(block);
        for (const watch of this.watchers) watch();
      }
    } catch (error) {
      if (!this.abort.signal.aborted) throw error;
    }
  }

  private take(block: string): void {
    const frame: Partial<Frame> = {};
    for (const line of block.split('\n')) {
      const value = line.slice(line.indexOf(':') + 1).trimStart();
      if (line.startsWith('event:')) frame.event = value;
      if (line.startsWith('id:')) frame.id = value;
      if (line.startsWith('data:')) frame.data = JSON.parse(value) as Frame['data'];
    }
    if (frame.data) this.frames.push({ event: 'message', ...frame, data: frame.data });
  }
}
