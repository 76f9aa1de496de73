export type Payload = Record<string, unknown>;
export type ApiFailure = {
  ok: false;
  error_code: number;
  description: string;
  parameters?: { retry_after?: number; migrate_to_chat_id?: number };
};
export type ApiResult = { ok: true; result: unknown } | ApiFailure;

export interface Entity {
  type: string;
  offset: number;
  length: number;
}

/** A message of the bot as it stands in a chat now. */
export interface SentMessage {
  readonly messageId: number;
  text: string;
  entities: Entity[];
  buttons: { text: string; callback_data: string }[];
  readonly at: number;
  edits: number;
  readonly method: string;
}

export interface BotChat {
  readonly id: number;
  /** The person has blocked the bot. */
  isBlocked: boolean;
  /** A group that became a supergroup. */
  migratedTo: number | null;
  messages: SentMessage[];
  /** Texts of drafts, in order; they vanish with the next message. */
  drafts: { draftId: number; text: string; at: number }[];
  actions: string[];
}

const LONGEST_TEXT = 4096;
const MOST_ENTITIES = 100;

/** What the bot did in chats, under the rules that Telegram keeps for messages. */
export class BotChats {
  readonly answeredButtons: { id: string; text?: string }[] = [];
  private readonly byId = new Map<number, BotChat>();
  private lastMessageId = 1000;

  of(id: number): BotChat {
    let chat = this.byId.get(id);
    if (!chat) {
      chat = { id, isBlocked: false, migratedTo: null, messages: [], drafts: [], actions: [] };
      this.byId.set(id, chat);
    }
    return chat;
  }

  all(): BotChat[] {
    return [...this.byId.values()];
  }

  perform(method: string, payload: Payload): ApiResult {
    if (method === 'answerCallbackQuery') {
      this.answeredButtons.push({ id: String(payload['callback_query_id']), text: payload['text'] as string });
      return { ok: true, result: true };
    }
    const id = Number(payload['chat_id']);
    if (!Number.isSafeInteger(id) || id === 0) return bad('chat not found');
    const chat = this.of(id);
    if (chat.migratedTo !== null)
      return {
        ...bad('group chat was upgraded to a supergroup chat'),
        parameters: { migrate_to_chat_id: chat.migratedTo },
      };
    if (chat.isBlocked) return { ok: false, error_code: 403, description: 'Forbidden: bot was blocked by the user' };
    return this.performIn(chat, method, payload);
  }

  private performIn(chat: BotChat, method: string, payload: Payload): ApiResult {
    switch (method) {
      case 'sendChatAction':
        chat.actions.push(String(payload['action']));
        return { ok: true, result: true };
      case 'sendMessageDraft': {
        const text = typeof payload['text'] === 'string' ? payload['text'] : '';
        if (!Number(payload['draft_id'])) return bad('DRAFT_ID_INVALID');
        if (text.length > LONGEST_TEXT) return bad('message is too long');
        if (!text.isWellFormed()) return bad('strings must be encoded in UTF-8');
        chat.drafts.push({ draftId: Number(payload['draft_id']), text, at: performance.now() });
        return { ok: true, result: true };
      }
      case 'sendMessage':
        return this.send(chat, method, payload);
      case 'sendPhoto':
      case 'sendDocument':
      case 'sendVoice':
        return this.send(chat, method, { ...payload, text: payload['caption'] ?? '(file)' });
      case 'editMessageText':
        return this.edit(chat, payload);
      case 'editMessageReplyMarkup': {
        const message = chat.messages.find((it) => it.messageId === payload['message_id']);
        if (!message) return bad('message to edit not found');
        message.buttons = buttonsOf(payload);
        return { ok: true, result: true };
      }
      case 'deleteMessage': {
        const rest = chat.messages.filter((it) => it.messageId !== payload['message_id']);
        if (rest.length === chat.messages.length) return bad('message to delete not found');
        chat.messages = rest;
        return { ok: true, result: true };
      }
      default:
        return { ok: false, error_code: 404, description: 'Not Found: method not found' };
    }
  }

  private send(chat: BotChat, method: string, payload: Payload): ApiResult {
    const problem = problemOf(payload);
    if (problem) return bad(problem);
    const message: SentMessage = {
      messageId: ++this.lastMessageId,
      text: String(payload['text']),
      entities: entitiesOf(payload),
      buttons: buttonsOf(payload),
      at: performance.now(),
      edits: 0,
      method,
    };
    chat.messages.push(message);
    chat.drafts = chat.drafts.slice();
    return { ok: true, result: asResult(chat, message) };
  }

  private edit(chat: BotChat, payload: Payload): ApiResult {
    const message = chat.messages.find((it) => it.messageId === payload['message_id']);
    if (!message) return bad('message to edit not found');
    const problem = problemOf(payload);
    if (problem) return bad(problem);
    const text = String(payload['text']);
    const entities = entitiesOf(payload);
    if (message.text === text && JSON.stringify(message.entities) === JSON.stringify(entities))
      return bad('message is not modified: specified new message content and reply markup are exactly the same');
    Object.assign(message, { text, entities, buttons: buttonsOf(payload), edits: message.edits + 1 });
    return { ok: true, result: asResult(chat, message) };
  }
}

function bad(reason: string): ApiFailure {
  return { ok: false, error_code: 400, description: `Bad Request: ${reason}` };
}

function asResult(chat: BotChat, message: SentMessage): unknown {
  return {
    message_id: message.messageId,
    date: Math.floor(Date.now() / 1000),
    chat: { id: chat.id, type: chat.id > 0 ? 'private' : 'supergroup' },
    text: message.text,
    entities: message.entities,
  };
}

function problemOf(payload: Payload): string | null {
  const text = payload['text'];
  if (typeof text !== 'string' || text.trim() === '') return 'message text is empty';
  if (!text.isWellFormed()) return 'strings must be encoded in UTF-8';
  if (text.length > LONGEST_TEXT) return 'message is too long';
  const mode = payload['parse_mode'];
  if (mode !== undefined && /<(?!\/?(?:b|i|u|s|a|code|pre|tg-spoiler|blockquote)\b)/.test(text))
    return "can't parse entities: Unsupported start tag";
  const entities = entitiesOf(payload);
  if (entities.length > MOST_ENTITIES) return 'too many entities';
  for (const { offset, length } of entities) {
    if (offset < 0 || length <= 0 || offset + length > text.length)
      return "can't parse entities: entity is out of the text";
    if (isInPair(text, offset) || isInPair(text, offset + length))
      return "can't parse entities: entity begins or ends in the middle of a character";
  }
  return null;
}

function isInPair(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  const after = text.charCodeAt(at);
  return before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff;
}

function entitiesOf(payload: Payload): Entity[] {
  const entities = payload['entities'];
  return Array.isArray(entities) ? (entities as Entity[]) : [];
}

function buttonsOf(payload: Payload): SentMessage['buttons'] {
  const markup = payload['reply_markup'] as { inline_keyboard?: SentMessage['buttons'][] } | undefined;
  return (markup?.inline_keyboard ?? []).flat();
}
