import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

interface Schema {
  properties?: Record<string, unknown>;
  additionalProperties?: unknown;
}

interface Reference {
  $ref: string;
}

export interface LiveDocument {
  channels: Record<string, { messages: Record<string, Reference> }>;
  operations: Record<
    string,
    { action: 'send' | 'receive'; channel: Reference; messages: Reference[]; reply?: { messages: Reference[] } }
  >;
  components: {
    messages: Record<string, { name: string; payload: Schema; examples: { payload: unknown }[] }>;
    schemas: Record<string, Schema>;
  };
}

const nameOf = ({ $ref }: Reference): string => $ref.split('/').at(-1) ?? '';

/** Holds what is said at live doors against docs/asyncapi.json, closed: a message or field that it does not name is wrong. */
export class LiveChecker {
  readonly document = JSON.parse(
    readFileSync(new URL('../../docs/asyncapi.json', import.meta.url), 'utf8'),
  ) as LiveDocument;
  /** Keys of the messages that were seen, by channel. */
  readonly seen = new Map<string, Set<string>>();
  /** All that was wrong. */
  readonly problems: string[] = [];
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true });

  constructor() {
    addFormats.default(this.ajv);
    const { schemas, messages } = this.document.components;
    for (const schema of [...Object.values(schemas), ...Object.values(messages).map(({ payload }) => payload)])
      if (schema.properties) schema.additionalProperties ??= false;
    this.ajv.addSchema(this.document, 'live');
  }

  /** What is wrong with the payload of a message; null when nothing is. */
  problemOf(message: string, payload: unknown): string | null {
    const validate = this.validatorOf(message);
    return validate(payload) ? null : `${message}: ${this.ajv.errorsText(validate.errors)} in ${short(payload)}`;
  }

  /** The server said something that has a name. */
  said(channel: string, name: string, payload: unknown): void {
    this.named(channel, 'send', name, payload);
  }

  /** A client said something, and was understood. */
  took(channel: string, name: string, payload: unknown): void {
    this.named(channel, 'receive', name, payload);
  }

  /** The server said something that is known by its shape. */
  saidOne(channel: string, payload: unknown): void {
    const fitting = this.messagesOf(channel, 'send').filter((message) => this.problemOf(message, payload) === null);
    if (fitting.length === 1) this.note(channel, fitting[0]!, null);
    else this.problems.push(`${channel} says what is ${fitting.join(' and ') || 'nothing'}: ${short(payload)}`);
  }

  /** The server answered a command. */
  answered(name: string, payload: unknown, answer: { ok?: unknown }): void {
    const operation = this.document.operations[`command.${name.replaceAll(':', '.')}`];
    if (!operation?.reply) {
      this.problems.push(`${name} is no command`);
      return;
    }
    const [asked = '', done = '', refused = ''] = [...operation.messages, ...operation.reply.messages].map(nameOf);
    // What is refused may be anything.
    if (answer.ok === true) this.note('chat', asked, this.problemOf(asked, payload));
    const reply = answer.ok === true ? done : refused;
    this.note('chat', reply, this.problemOf(reply, answer));
  }

  /** Messages of the document that were never seen. */
  unseen(channel: string): string[] {
    return Object.keys(this.document.channels[channel]?.messages ?? {}).filter(
      (message) => !this.seen.get(channel)?.has(message),
    );
  }

  private named(channel: string, action: 'send' | 'receive', name: string, payload: unknown): void {
    const { messages } = this.document.components;
    const key = this.messagesOf(channel, action).find((message) => messages[message]?.name === name);
    if (key === undefined) this.problems.push(`${channel} knows no ${name}: ${short(payload)}`);
    else this.note(channel, key, this.problemOf(key, payload));
  }

  private messagesOf(channel: string, action: 'send' | 'receive'): string[] {
    return Object.values(this.document.operations)
      .filter((operation) => operation.action === action && nameOf(operation.channel) === channel)
      .flatMap(({ messages }) => messages.map(nameOf));
  }

  private note(channel: string, message: string, problem: string | null): void {
    this.seen.set(channel, (this.seen.get(channel) ?? new Set()).add(message));
    if (problem !== null) this.problems.push(`${channel}: ${problem}`);
  }

  private validatorOf(message: string): ValidateFunction {
    const validate = this.ajv.getSchema(`live#/components/messages/${message}/payload`);
    if (!validate) throw new Error(`There is no message ${message}`);
    return validate;
  }
}

const short = (value: unknown): string => JSON.stringify(value)?.slice(0, 600) ?? 'nothing';
