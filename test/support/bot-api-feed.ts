import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiFailure, ApiResult, Payload } from './bot-api-chats.js';

export type Update = { update_id: number } & Record<string, unknown>;

/** One attempt to hand an update to the webhook. */
export interface Delivery {
  readonly updateId: number;
  readonly chatId: number | null;
  readonly attempt: number;
  readonly at: number;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  readonly ms: number;
  readonly retryAfter: string | null;
}

interface Webhook {
  url: string;
  secret: string | null;
  maxConnections: number;
  allowed: string[] | null;
}

export interface Person {
  id: number;
  first_name: string;
  last_name?: string;
  username?: string;
  language_code?: string;
}

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
/** How long Telegram waits for the answer of a webhook. */
const PATIENCE_MS = 60_000;

/** Updates on their way to the bot: by webhook, in order per chat and again until it answers 2xx, or by long polling. */
export class UpdateFeed {
  /** Every attempt, oldest first. */
  readonly deliveries: Delivery[] = [];
  /** Updates that the bot has accepted. */
  readonly accepted = new Set<number>();
  webhook: Webhook | null = null;
  private nextUpdateId = 100_000_000;
  private nextMessageId = 1;
  private readonly stopped = new AbortController();
  /** Waiting for a webhook, by chat. */
  private readonly lanes = new Map<number, Update[]>();
  private readonly busyLanes = new Set<number>();
  private connections = 0;
  /** Waiting for a poll. */
  private backlog: Update[] = [];
  private poller: AbortController | null = null;
  private wake: (() => void) | null = null;
  private lastError: { date: number; message: string } | null = null;

  constructor(private readonly timeScale: number) {}

  stop(): void {
    this.stopped.abort();
    this.wake?.();
  }

  /** A person writes to the bot. */
  say(from: Person | number, text: string, more: Payload = {}): Update {
    return this.message(from, { text, ...(text.startsWith('/') ? commandEntity(text) : {}), ...more });
  }

  /** Any message of a person. */
  message(from: Person | number, content: Payload): Update {
    return this.push('message', { ...this.envelope(from), ...content });
  }

  editMessage(original: Update, text: string): Update {
    const message = original['message'] as Payload;
    return this.push('edited_message', { ...message, text, edit_date: Math.floor(Date.now() / 1000) });
  }

  press(from: Person | number, data: string, messageId: number): Update {
    const person = asPerson(from);
    return this.push('callback_query', {
      id: `press-${this.nextUpdateId}`,
      from: { ...person, is_bot: false },
      chat_instance: '1',
      data,
      message: { message_id: messageId, date: 1, chat: { id: person.id, type: 'private' }, text: '…' },
    });
  }

  /** Any update, under the next id. */
  push(kind: string, content: unknown): Update {
    const update: Update = { update_id: this.nextUpdateId++, [kind]: content };
    this.hand(update);
    return update;
  }

  /** The same update once more, as after a lost answer. */
  hand(update: Update): void {
    if (this.webhook === null) {
      this.backlog.push(update);
      this.wake?.();
      return;
    }
    const chat = chatOf(update) ?? -update.update_id;
    this.lanes.set(chat, [...(this.lanes.get(chat) ?? []), update]);
    this.pump();
  }

  get pending(): number {
    return this.backlog.length + [...this.lanes.values()].reduce((sum, lane) => sum + lane.length, 0);
  }

  setWebhook(payload: Payload): ApiResult {
    const url = typeof payload['url'] === 'string' ? payload['url'] : '';
    if (!URL.canParse(url)) return conflict(400, 'Bad Request: bad webhook: invalid URL');
    this.webhook = {
      url,
      secret: (payload['secret_token'] as string | undefined) ?? null,
      maxConnections: Number(payload['max_connections'] ?? 40),
      allowed: (payload['allowed_updates'] as string[] | undefined) ?? null,
    };
    const waiting = this.backlog;
    this.backlog = [];
    if (payload['drop_pending_updates'] !== true) for (const update of waiting) this.hand(update);
    return { ok: true, result: true };
  }

  deleteWebhook(payload: Payload): ApiResult {
    this.webhook = null;
    const waiting = [...this.lanes.values()].flat().sort((a, b) => a.update_id - b.update_id);
    this.lanes.clear();
    if (payload['drop_pending_updates'] !== true) this.backlog.push(...waiting);
    return { ok: true, result: true };
  }

  webhookInfo(): object {
    return {
      url: this.webhook?.url ?? '',
      has_custom_certificate: false,
      pending_update_count: this.pending,
      max_connections: this.webhook?.maxConnections,
      allowed_updates: this.webhook?.allowed ?? undefined,
      last_error_date: this.lastError?.date,
      last_error_message: this.lastError?.message,
    };
  }

  /** A long poll; a second one ends the first with 409, as Telegram does. */
  async poll(payload: Payload, gone: AbortSignal): Promise<ApiResult> {
    if (this.webhook !== null)
      return conflict(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook first");
    this.poller?.abort();
    const mine = new AbortController();
    this.poller = mine;
    this.wake?.();
    const offset = Number(payload['offset'] ?? 0);
    for (const update of this.backlog) if (update.update_id < offset) this.accepted.add(update.update_id);
    this.backlog = this.backlog.filter((update) => update.update_id >= offset);
    const limit = Math.min(100, Number(payload['limit'] ?? 100));
    const until = performance.now() + (Number(payload['timeout'] ?? 0) * 1000) / this.timeScale;
    while (this.backlog.length === 0 && !mine.signal.aborted && !gone.aborted && !this.stopped.signal.aborted) {
      const left = until - performance.now();
      if (left <= 0) break;
      await Promise.race([
        sleep(left, undefined, { signal: AbortSignal.any([gone, this.stopped.signal]) }).catch(() => undefined),
        new Promise<void>((resolve) => (this.wake = resolve)),
      ]);
    }
    if (mine.signal.aborted)
      return conflict(
        409,
        'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
      );
    if (this.poller === mine) this.poller = null;
    return { ok: true, result: this.backlog.slice(0, limit) };
  }

  private envelope(from: Person | number): Payload {
    const person = asPerson(from);
    const { id, first_name, last_name, username } = person;
    return {
      message_id: this.nextMessageId++,
      date: Math.floor(Date.now() / 1000),
      from: { ...person, is_bot: false },
      chat: { id, type: 'private', first_name, last_name, username },
    };
  }

  private pump(): void {
    if (!this.webhook || this.stopped.signal.aborted) return;
    for (const [chat, lane] of this.lanes) {
      if (this.connections >= this.webhook.maxConnections) return;
      const [update] = lane;
      if (!update || this.busyLanes.has(chat)) continue;
      this.busyLanes.add(chat);
      this.connections++;
      void this.deliver(chat, update).finally(() => {
        this.busyLanes.delete(chat);
        this.pump();
      });
    }
  }

  private async deliver(chat: number, update: Update): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const { webhook } = this;
      if (!webhook || this.stopped.signal.aborted) {
        this.connections--;
        return;
      }
      const outcome = await this.attempt(webhook, chat, update, attempt);
      this.connections--;
      if (outcome.status >= 200 && outcome.status < 300) {
        this.accepted.add(update.update_id);
        this.lanes.set(chat, (this.lanes.get(chat) ?? []).slice(1));
        if (this.lanes.get(chat)?.length === 0) this.lanes.delete(chat);
        return;
      }
      this.lastError = { date: Math.floor(Date.now() / 1000), message: `Wrong response: ${outcome.status}` };
      const asked = Number(outcome.retryAfter ?? NaN) * 1000;
      const wait = Number.isFinite(asked) ? asked : Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), LONGEST_RETRY_MS);
      await sleep(wait / this.timeScale, undefined, { signal: this.stopped.signal }).catch(() => undefined);
      this.connections++;
    }
  }

  private async attempt(webhook: Webhook, chat: number, update: Update, attempt: number): Promise<Delivery> {
    const at = performance.now();
    const headers: Record<string, string> = { 'Content-Type': 'application/json' };
    if (webhook.secret !== null) headers['X-Telegram-Bot-Api-Secret-Token'] = webhook.secret;
    const answer = await fetch(webhook.url, {
      method: 'POST',
      headers,
      body: JSON.stringify(update),
      signal: AbortSignal.any([AbortSignal.timeout(PATIENCE_MS), this.stopped.signal]),
    }).catch(() => null);
    await answer?.body?.cancel();
    const delivery: Delivery = {
      updateId: update.update_id,
      chatId: chat,
      attempt,
      at,
      status: answer?.status ?? 0,
      ms: performance.now() - at,
      retryAfter: answer?.headers.get('Retry-After') ?? null,
    };
    this.deliveries.push(delivery);
    return delivery;
  }
}

function asPerson(from: Person | number): Person {
  return typeof from === 'number' ? { id: from, first_name: `Customer ${from}`, language_code: 'en' } : from;
}

function commandEntity(text: string): Payload {
  const [command = ''] = text.split(/\s/, 1);
  return { entities: [{ type: 'bot_command', offset: 0, length: command.length }] };
}

function chatOf(update: Update): number | null {
  for (const content of Object.values(update)) {
    if (typeof content !== 'object' || content === null) continue;
    const { chat, message } = content as { chat?: { id?: number }; message?: { chat?: { id?: number } } };
    const id = chat?.id ?? message?.chat?.id;
    if (typeof id === 'number') return id;
  }
  return null;
}

function conflict(error_code: number, description: string): ApiFailure {
  return { ok: false, error_code, description };
}
