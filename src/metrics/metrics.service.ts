import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** The doors of live connections. */
export const WIRES = ['socketio', 'sse', 'websocket'] as const;
export type Wire = (typeof WIRES)[number];

/** How an answer of the assistant ended. */
export type AnswerEnd = 'complete' | 'stopped' | 'interrupted' | 'failed';

export interface PoolNumbers {
  total: number;
  idle: number;
  waiting: number;
}

export interface DeskNumbers {
  waiting: number;
  inProgress: number;
  activeOperators: number;
  oldestWaitSeconds: number;
}

/** Seconds. */
const REQUEST_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const ANSWER_BUCKETS = [0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300];

/** How the way to other nodes is. */
export interface NodeFigures {
  isUp: boolean;
  others: number;
  /** Events since the start. */
  told: number;
  heard: number;
  /** How often something of theirs was missed. */
  missed: number;
}

/** Counts what happens on this node. Labels take few values: never ids, never text of people. */
@Injectable()
export class MetricsService implements OnApplicationShutdown {
  readonly registry = new Registry();
  private readonly connections = new Map<Wire, number>(WIRES.map((wire) => [wire, 0]));
  private readonly registers = [this.registry];

  private readonly requests = new Histogram({
    name: 'parley_http_request_duration_seconds',
    help: 'Time from request to the end of the answer; event streams are left out.',
    labelNames: ['method', 'route', 'status'],
    buckets: REQUEST_BUCKETS,
    registers: this.registers,
  });
  private readonly messages = new Counter({
    name: 'parley_messages_appended_total',
    help: 'Messages that were stored, by the role of their author.',
    labelNames: ['role'],
    registers: this.registers,
  });
  private readonly answersRunning = new Gauge({
    name: 'parley_answers_running',
    help: 'Answers of the assistant under way.',
    registers: this.registers,
  });
  private readonly answersEnded = new Counter({
    name: 'parley_answers_ended_total',
    help: 'Answers of the assistant that came to an end.',
    labelNames: ['state'],
    registers: this.registers,
  });
  private readonly firstDeltas = new Histogram({
    name: 'parley_answer_first_delta_seconds',
    help: 'Time from the start of an answer to its first piece of text.',
    labelNames: ['provider'],
    buckets: ANSWER_BUCKETS,
    registers: this.registers,
  });
  private readonly answers = new Histogram({
    name: 'parley_answer_duration_seconds',
    help: 'Time from the start of an answer to its end.',
    labelNames: ['provider'],
    buckets: ANSWER_BUCKETS,
    registers: this.registers,
  });
  private readonly providerErrors = new Counter({
    name: 'parley_provider_errors_total',
    help: 'Failed calls of a model provider, by error code.',
    labelNames: ['provider', 'code'],
    registers: this.registers,
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    const connections = this.connections;
    new Gauge({
      name: 'parley_live_connections',
      help: 'Open live connections, by door.',
      labelNames: ['wire'],
      registers: this.registers,
      collect() {
        for (const [wire, count] of connections) this.set({ wire }, count);
      },
    });
  }

  requestEnded(method: string, route: string, status: number, seconds: number): void {
    this.requests.observe({ method, route, status }, seconds);
  }

  connectionOpened(wire: Wire): void {
    this.connections.set(wire, (this.connections.get(wire) ?? 0) + 1);
  }

  connectionClosed(wire: Wire): void {
    this.connections.set(wire, Math.max(0, (this.connections.get(wire) ?? 0) - 1));
  }

  get activeConnections(): number {
    return [...this.connections.values()].reduce((sum, count) => sum + count, 0);
  }

  messageAppended(role: string, count = 1): void {
    this.messages.inc({ role }, count);
  }

  answerStarted(): void {
    this.answersRunning.inc();
  }

  /** It runs here no more, and its end is told elsewhere. */
  answerLost(): void {
    this.answersRunning.dec();
  }

  /** @param seconds since its start */
  answerFirstDelta(provider: string, seconds: number): void {
    this.firstDeltas.observe({ provider }, seconds);
  }

  /** @param seconds since its start */
  answerEnded(provider: string, state: AnswerEnd, seconds: number): void {
    this.answersRunning.dec();
    this.answersEnded.inc({ state });
    this.answers.observe({ provider }, seconds);
  }

  providerFailed(provider: string, code: string): void {
    this.providerErrors.inc({ provider, code });
  }

  /** Shows which providers are spared because they failed, whenever the metrics are read. */
  watchBreakers(read: () => { provider: string; isOpen: boolean }[]): void {
    new Gauge({
      name: 'parley_provider_breaker_open',
      help: '1 while a model provider is not asked because it failed.',
      labelNames: ['provider'],
      registers: this.registers,
      collect() {
        for (const { provider, isOpen } of read()) this.set({ provider }, isOpen ? 1 : 0);
      },
    });
  }

  /** Shows the way to other nodes whenever the metrics are read. */
  watchNodes(read: () => NodeFigures): void {
    const { registers } = this;
    new Gauge({
      name: 'parley_redis_up',
      help: '1 while events travel over Redis; 0: PostgreSQL is asked instead.',
      registers,
      collect() {
        this.set(read().isUp ? 1 : 0);
      },
    });
    new Gauge({
      name: 'parley_other_nodes',
      help: 'Other nodes that are heard of.',
      registers,
      collect() {
        this.set(read().others);
      },
    });
    new Gauge({
      name: 'parley_node_events',
      help: 'Events told to and heard from other nodes since the start, and how often some of theirs were missed.',
      labelNames: ['way'],
      registers,
      collect() {
        const { told, heard, missed } = read();
        for (const [way, count] of Object.entries({ told, heard, missed })) this.set({ way }, count);
      },
    });
  }

  /** Shows the state of the desk whenever the metrics are read, by one question; what cannot be read is left as it was. */
  watchDesk(read: () => Promise<DeskNumbers>): void {
    let asked: Promise<DeskNumbers | null> | null = null;
    const now = () =>
      (asked ??= read()
        .catch(() => null)
        .finally(() => (asked = null)));
    const show = (name: string, help: string, pick: (numbers: DeskNumbers) => number) =>
      new Gauge({
        name,
        help,
        registers: this.registers,
        async collect() {
          const numbers = await now();
          if (numbers) this.set(pick(numbers));
        },
      });
    show('parley_support_chats_waiting', 'Support chats that wait for an operator.', ({ waiting }) => waiting);
    show('parley_support_chats_in_progress', 'Support chats that an operator holds.', ({ inProgress }) => inProgress);
    show('parley_operators_online', 'Operators who are online.', ({ activeOperators }) => activeOperators);
    show(
      'parley_support_chat_oldest_wait_seconds',
      'How long the first in the queue has waited.',
      ({ oldestWaitSeconds }) => oldestWaitSeconds,
    );
  }

  /** Shows the connections to the database whenever the metrics are read. */
  watchPool(read: () => PoolNumbers): void {
    new Gauge({
      name: 'parley_db_connections',
      help: 'Connections to the database, and callers that wait for one.',
      labelNames: ['state'],
      registers: this.registers,
      collect() {
        const { total, idle, waiting } = read();
        this.set({ state: 'idle' }, idle);
        this.set({ state: 'busy' }, total - idle);
        this.set({ state: 'waiting' }, waiting);
      },
    });
  }

  onApplicationShutdown(): void {
    this.registry.clear();
  }
}
