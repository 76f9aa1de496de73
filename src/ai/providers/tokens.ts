import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import type { ModelTurn, ModelUsage } from './ai-provider.js';

/** What the wire format of a chat adds per message and once per answer (OpenAI cookbook, "count tokens"). */
const TOKENS_PER_TURN = 4;
const TOKENS_PER_ANSWER = 3;
/** The tokenizer takes quadratic time on text without a break (100 000 × "a": 4 s), so it is given short pieces. */
const PIECE_LENGTH = 1000;
/** Other work gets its turn after this much text. */
const YIELD_EVERY = 50_000;
/** What the last user turn gets even when the system turns leave nothing. */
const LEAST_TURN_TOKENS = 64;
const CUT_MARK = '\n[…]\n';

type Encoding = (text: string) => number;
const encodings = new Map<string, Promise<Encoding>>();

/** Tokens of `text` as `model` would count them; for models of others than OpenAI a fair estimate. */
export async function countTokens(text: string, model: string): Promise<number> {
  if (text.length === 0) return 0;
  const count = await encodingOf(model);
  let tokens = 0;
  let sinceYield = 0;
  for (let start = 0; start < text.length;) {
    const end = pieceEnd(text, start);
    tokens += count(text.slice(start, end));
    sinceYield += end - start;
    start = end;
    if (sinceYield >= YIELD_EVERY && start < text.length) {
      sinceYield = 0;
      await yieldToEventLoop();
    }
  }
  return tokens;
}

/** What an answer cost when the provider did not tell. */
export async function estimateUsage(turns: readonly ModelTurn[], answer: string, model: string): Promise<ModelUsage> {
  let promptTokens = TOKENS_PER_ANSWER;
  for (const turn of turns) promptTokens += await turnTokens(turn, model);
  return { promptTokens, completionTokens: await countTokens(answer, model) };
}

export interface HistoryBudget {
  /** Most turns besides the leading system turns. */
  maxTurns: number;
  /** Most tokens of all turns. */
  maxTokens: number;
}

/**
 * The newest turns that fit, without holes, each whole. Leading system turns and the last user turn are always kept; the
 * latter alone is shortened, in its middle, when it does not fit by itself. What was cut never begins with an answer.
 */
export async function fitHistory(
  turns: readonly ModelTurn[],
  budget: HistoryBudget,
  model: string,
): Promise<ModelTurn[]> {
  const systemCount = turns.findIndex((turn) => turn.role !== 'system');
  if (systemCount < 0) return [...turns];
  const system = turns.slice(0, systemCount);
  const talk = turns.slice(systemCount);
  if (talk.length <= budget.maxTurns && byteBound(turns) <= budget.maxTokens) return [...turns];

  let tokensLeft = budget.maxTokens - TOKENS_PER_ANSWER;
  for (const turn of system) tokensLeft -= await turnTokens(turn, model);
  const anchor = Math.max(
    talk.findLastIndex((turn) => turn.role === 'user'),
    0,
  );
  const kept = [await shorten(talk[anchor]!, Math.max(tokensLeft, LEAST_TURN_TOKENS), model)];
  if (kept[0] !== talk[anchor]) return [...system, ...kept];
  tokensLeft -= await turnTokens(kept[0]!, model);
  let turnsLeft = budget.maxTurns - 1;
  const fits = async (turn: ModelTurn) => {
    if (turnsLeft <= 0) return false;
    const tokens = await turnTokens(turn, model);
    if (tokens > tokensLeft) return false;
    tokensLeft -= tokens;
    turnsLeft--;
    return true;
  };
  let after = anchor + 1;
  while (after < talk.length && (await fits(talk[after]!))) kept.push(talk[after++]!);
  let first = anchor;
  while (first > 0 && (await fits(talk[first - 1]!))) kept.unshift(talk[--first]!);
  // Some models demand that a user speaks first; an answer without its question is of little use anyway.
  while (first > 0 && kept[0]!.role === 'assistant' && kept.length > 1) kept.shift();
  return [...system, ...kept];
}

async function turnTokens(turn: ModelTurn, model: string): Promise<number> {
  return TOKENS_PER_TURN + (await countTokens(turn.content, model));
}

/** Never less than the tokens of the turns, since a token stands for at least one byte; spares loading the tokenizer. */
function byteBound(turns: readonly ModelTurn[]): number {
  return turns.reduce((sum, turn) => sum + TOKENS_PER_TURN + Buffer.byteLength(turn.content), TOKENS_PER_ANSWER);
}

/** `turn` with at most `tokens`: three quarters of what fits from its beginning, the rest from its end. */
async function shorten(turn: ModelTurn, tokens: number, model: string): Promise<ModelTurn> {
  let content = turn.content;
  let length = content.length;
  for (;;) {
    const size = await turnTokens({ ...turn, content }, model);
    if (size <= tokens || length <= 1) return content === turn.content ? turn : { ...turn, content };
    length = Math.min(Math.floor(length * Math.max(tokens / size, 0.1) * 0.95), length - 1);
    content = cutMiddle(turn.content, length);
  }
}

/** `length` UTF-16 units of a text, from its beginning and its end, with a mark between them. */
export function cutMiddle(text: string, length: number): string {
  const head = Math.ceil(length * 0.75);
  const tail = length - head;
  return whole(text.slice(0, head)) + CUT_MARK + whole(text.slice(text.length - tail));
}

/** Without halves of characters at its ends. */
function whole(text: string): string {
  return text.replace(/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/g, '');
}

function pieceEnd(text: string, start: number): number {
  const end = start + PIECE_LENGTH;
  if (end >= text.length) return text.length;
  const space = text.lastIndexOf(' ', end);
  if (space > start + PIECE_LENGTH / 2) return space;
  return isHighSurrogate(text.charCodeAt(end - 1)) ? end - 1 : end;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function encodingOf(model: string): Promise<Encoding> {
  const name = /^gpt-(3\.5|4$|4-)/.test(model) ? 'cl100k_base' : 'o200k_base';
  const known = encodings.get(name);
  if (known) return known;
  const loading = load(name);
  encodings.set(name, loading);
  return loading;
}

// Loaded when first needed: it takes 60 to 150 ms and some 40 to 80 MB.
async function load(name: 'cl100k_base' | 'o200k_base'): Promise<Encoding> {
  const { countTokens: count, setMergeCacheSize } =
    name === 'o200k_base'
      ? await import('gpt-tokenizer/encoding/o200k_base')
      : await import('gpt-tokenizer/encoding/cl100k_base');
  setMergeCacheSize(5000);
  // What looks like a control token is plain text here.
  const plain = { disallowedSpecial: new Set<string>() };
  return (text) => count(text, plain);
}
