import { Injectable, Logger } from '@nestjs/common';
import { KeyedMutex } from '../../common/concurrency/keyed-mutex.js';
import { AppError } from '../../common/errors/app-error.js';
import { describeError, toWireError } from '../../common/errors/describe-error.js';
import { validateInput } from '../../common/validation/validate.js';
import { AppConfig } from '../../config/app-config.js';
import {
  CLIENT_COMMANDS,
  CLIENT_EVENTS,
  type ClientEventName,
  type CommandAck,
  type CommandInput,
} from '../contract/client-events.js';
import type { ChatSocket } from './chat-socket.js';

export interface CommandContext<N extends ClientEventName> {
  socket: ChatSocket;
  /** Answers before the handler returns; what it returns is ignored then. */
  reply: (result: CommandAck<N>) => void;
  /** Lets the next command of the same key begin before this one has ended: its place in the order is taken. */
  letNext: () => void;
}

/** How a command of the contract is handled; what it takes and what its ack carries is said there. */
export interface Command<N extends ClientEventName> {
  event: N;
  /** Commands of one socket with the same key are handled one after another, in the order they came; see `letNext`. */
  inOrderOf?: (input: CommandInput<N>) => string;
  /** What it returns is the ack, beside `ok: true`; nothing when it used `reply`. */
  handle: (input: CommandInput<N>, context: CommandContext<N>) => Promise<CommandAck<N> | void>;
}

/** One of them, whichever it is. */
interface AnyCommand {
  inOrderOf?: (input: object) => string;
  handle: (input: object, context: AnyContext) => Promise<object | void>;
}

interface AnyContext {
  socket: ChatSocket;
  reply: (result: object) => void;
  letNext: () => void;
}

type Ack = (answer: object) => void;

const MINUTE_MS = 60_000;

/**
 * Reads the commands of a socket with one listener (a listener per handler and socket, as Nest binds them, costs five times
 * the memory of an idle connection): validates, handles, and answers each exactly once, by its ack or an `error` event.
 */
@Injectable()
export class CommandDispatcher {
  private readonly logger = new Logger('ChatGateway');
  private readonly commands = new Map<string, AnyCommand>();

  constructor(private readonly config: AppConfig) {}

  register<N extends ClientEventName>(command: Command<N>): void {
    if (this.commands.has(command.event)) throw new Error(`Two handlers for ${command.event}`);
    this.commands.set(command.event, command as unknown as AnyCommand);
  }

  /** @throws Error when an event of the contract has no handler */
  assertComplete(): void {
    const missing = CLIENT_EVENTS.filter((event) => !this.commands.has(event));
    if (missing.length > 0) throw new Error(`No handler for ${missing.join(', ')}`);
  }

  attach(socket: ChatSocket): void {
    const lanes = new KeyedMutex();
    // The protocol allows a number as a name, whatever the types say.
    socket.onAny((name: string | number, ...args: unknown[]) => {
      const event = String(name);
      const last = args.at(-1);
      const ack = typeof last === 'function' ? (last as Ack) : undefined;
      void this.dispatch(socket, event, ack ? args.slice(0, -1) : args, ack, lanes);
    });
  }

  private async dispatch(
    socket: ChatSocket,
    event: string,
    args: unknown[],
    ack: Ack | undefined,
    lanes: KeyedMutex,
  ): Promise<void> {
    let isAnswered = false;
    const reply = (result: object) => {
      if (isAnswered) return;
      isAnswered = true;
      ack?.({ ok: true, ...result });
    };
    try {
      this.countCommand(socket);
      const command = this.commands.get(event);
      if (!command) throw new AppError('UNKNOWN_EVENT', { details: { event: event.slice(0, 100) } });
      const [payload] = args;
      if (Buffer.isBuffer(payload)) throw new AppError('VALIDATION_FAILED', { message: 'must be an object' });
      const input = validateInput<object>(CLIENT_COMMANDS[event as ClientEventName].input, payload);
      const run = (letNext: () => void) => command.handle(input, { socket, reply, letNext });
      const result = await (command.inOrderOf ? inTurn(lanes, command.inOrderOf(input), run) : run(() => undefined));
      reply(result ?? {});
    } catch (error) {
      if (isAnswered) return this.report(event, error);
      isAnswered = true;
      this.report(event, error);
      const described = toWireError(error);
      if (ack) ack({ ok: false, error: described });
      else socket.emit('error', { ...described, event: event.slice(0, 100) });
    }
  }

  /** @throws AppError RATE_LIMITED when the connection sent too many commands in this minute */
  private countCommand(socket: ChatSocket): void {
    const now = performance.now();
    const { commands } = socket.data;
    if (now - commands.windowStart >= MINUTE_MS) {
      commands.windowStart = now;
      commands.count = 0;
    }
    if (++commands.count > this.config.limits.commandsPerMinute)
      throw new AppError('RATE_LIMITED', {
        retryAfterSeconds: Math.ceil((commands.windowStart + MINUTE_MS - now) / 1000),
      });
  }

  private report(event: string, error: unknown): void {
    const { unexpected, code } = describeError(error);
    if (unexpected) this.logger.error({ msg: 'A command failed', event, err: error });
    else this.logger.debug({ msg: 'A command was refused', event, code });
  }
}

/** Runs `act` after those of the same key before it, each of which has ended or let the next begin. */
function inTurn<T>(lanes: KeyedMutex, key: string, act: (letNext: () => void) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const turn = () =>
      new Promise<void>((letNext) => {
        void Promise.resolve()
          .then(() => act(letNext))
          .then(resolve, reject)
          .finally(letNext);
      });
    void lanes.run(key, turn);
  });
}
