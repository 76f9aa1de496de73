import { randomUUID } from 'node:crypto';
import type { MessageResponse } from '../../src/messages/dto/message.response.dto.js';
import type { Ledger } from './ledger.js';
import type { Person } from './person.js';
import type { Random } from './random.js';
import type { Step } from './scripted-openai.js';
import { wireCall } from './wire-call.js';

/** What the model does in the calls of a random session: mostly well, sometimes badly after some text. */
export function randomSteps(random: Random, count: number): Step[] {
  const endings = ['finish', 'finish', 'finish', 'finish', 'finish', 'finish', 'eof', 'reset', 'error'] as const;
  return Array.from({ length: count }, () => ({
    deltas: Array.from({ length: random.between(1, 60) }, (_, index) =>
      random.pick([`w${index} `, 'слово ', '👩‍👩‍👧', 'x', ' a longer piece of text, with\nlines, ']),
    ),
    ending: random.pick(endings),
    ...(random.chance(0.7) ? { everyMs: random.between(0, 3) } : {}),
  }));
}

/** A person who does random things in a session, over REST through a proxy that breaks connections, until each is answered. */
export class RandomActor {
  readonly done: Record<string, number> = {};

  constructor(
    private readonly person: Person,
    private readonly proxyUrl: string,
    private readonly sessionId: string,
    private readonly random: Random,
    private readonly ledger: Ledger,
  ) {}

  async act(): Promise<void> {
    const messages = await this.person.messages(this.sessionId);
    const questions = messages.filter((it) => it.role === 'user' && !it.deletedAt && !it.supersededById);
    const answers = messages.filter((it) => it.role === 'assistant' && !it.deletedAt && !it.supersededById);
    const actions: [string, () => Promise<unknown>][] = [
      ['send', () => this.send('user')],
      ['send', () => this.send('user')],
      ['note', () => this.send('assistant')],
      ['stop', () => this.repeat('POST', `/sessions/${this.sessionId}/stop`, {})],
    ];
    const question = questions.length > 0 ? this.random.pick(questions) : null;
    const answer = answers.length > 0 ? this.random.pick(answers) : null;
    if (question)
      actions.push(
        ['edit', () => this.repeat('PATCH', `/messages/${question.id}`, { content: `edited ${this.random.next()}` })],
        ['remove', () => this.repeat('DELETE', `/messages/${question.id}`)],
      );
    if (answer)
      actions.push(
        ['regenerate', () => this.repeat('POST', `/messages/${answer.id}/regenerate`, {})],
        ['stop one', () => this.repeat('POST', `/messages/${answer.id}/stop`, {})],
        ['remove answer', () => this.repeat('DELETE', `/messages/${answer.id}`)],
      );
    const [name, run] = this.random.pick(actions);
    this.done[name] = (this.done[name] ?? 0) + 1;
    await run();
  }

  private async send(role: 'user' | 'assistant'): Promise<void> {
    const content = `${role} says ${this.random.next()}`;
    const message = await this.repeat<MessageResponse>('POST', '/messages', {
      sessionId: this.sessionId,
      role,
      content,
    });
    if (!message) return;
    const { id, conversationId, seq, clientMessageId } = message;
    this.ledger.ack({ conversationId, messageId: id, seq, clientMessageId: clientMessageId ?? null });
  }

  /** The same request with the same key until an answer comes through; null when it was refused for good. */
  private async repeat<T>(method: string, path: string, body?: object): Promise<T | null> {
    const key = randomUUID();
    for (let attempt = 0; attempt < 100; attempt++) {
      try {
        const { status, text } = await wireCall(attempt < 20 ? this.proxyUrl : this.person.url, {
          method,
          path,
          token: this.person.token,
          headers: { 'idempotency-key': key },
          ...(body ? { body } : {}),
          isAlone: true,
        });
        if (status < 300) return JSON.parse(text) as T;
        // Somebody else was faster: the message is not what it was.
        if (status === 404 || status === 403 || status === 409 || status === 422) return null;
        if (status !== 503 && status !== 429)
          throw new UnexpectedAnswer(`${method} ${path} answered ${status}: ${text}`);
      } catch (error) {
        if (error instanceof UnexpectedAnswer) throw error;
      }
    }
    throw new Error(`${method} ${path} was never answered`);
  }
}

class UnexpectedAnswer extends Error {}
