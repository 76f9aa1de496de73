import type { EphemeralAnswers } from '../../ai/ephemeral-answers.service.js';
import type { ModelTurn } from '../../ai/providers/ai-provider.js';

/** What a client says; the id, if it gives one, makes a repetition harmless where messages are stored. */
export interface PlainMessage {
  content: string;
  clientMessageId?: string;
}

export interface ConversationListener {
  chunk: (text: string) => void;
  /** The answer is whole. */
  done: () => void;
  failed: (error: unknown) => void;
}

/** Where what is said on one plain connection goes. */
export interface PlainConversation {
  /** Takes a message and answers it; one under way gives way. @throws AppError when the message is refused */
  say(message: PlainMessage, listener: ConversationListener): Promise<void>;
  close(): void;
}

/** A conversation with somebody without an account: it lives as long as the connection. */
export class AnonymousConversation implements PlainConversation {
  private readonly turns: ModelTurn[] = [];
  private current: AbortController | null = null;

  constructor(
    private readonly id: string,
    private readonly answers: EphemeralAnswers,
    private readonly historyLength: number,
  ) {}

  say({ content }: PlainMessage, listener: ConversationListener): Promise<void> {
    this.current?.abort();
    const run = new AbortController();
    this.current = run;
    this.remember({ role: 'user', content });
    const answer: ModelTurn = { role: 'assistant', content: '' };
    const onDelta = (text: string) => {
      if (run.signal.aborted) return;
      if (answer.content === '') this.remember(answer);
      answer.content += text;
      listener.chunk(text);
    };
    void this.answers.answer(this.id, [...this.turns], { signal: run.signal, onDelta }).then(
      () => {
        if (!run.signal.aborted) listener.done();
      },
      (error: unknown) => {
        if (!run.signal.aborted) listener.failed(error);
      },
    );
    return Promise.resolve();
  }

  close(): void {
    this.current?.abort();
  }

  private remember(turn: ModelTurn): void {
    this.turns.push(turn);
    while (this.turns.length > this.historyLength) this.turns.shift();
  }
}
