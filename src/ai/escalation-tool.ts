import { textProblem } from '../common/validation/text.js';
import type { HumanCall } from '../messages/customer-desk.js';
import type { ModelTool, ModelToolCall } from './providers/ai-provider.js';

const LONGEST_REASON = 500;
const LONGEST_SUMMARY = 4000;
const PRIORITIES = ['low', 'medium', 'high', 'urgent'] as const;

/** The one function that the model may call. It names no conversation: only its own can be meant. */
export const ESCALATE_TO_OPERATOR: ModelTool = {
  name: 'escalate_to_operator',
  description:
    'Hands this conversation over to a human operator. Call it when the person asks for a human, or when only a human can help: complaints, refunds, account trouble, anything that you cannot do or do not know.',
  parameters: {
    type: 'object',
    properties: {
      reason: { type: 'string', description: 'Why a human is needed, in a few words.' },
      priority: { type: 'string', enum: PRIORITIES, description: 'How urgent it is for the person.' },
      summary: { type: 'string', description: 'What the operator has to know of the conversation so far.' },
    },
    required: ['reason', 'priority', 'summary'],
  },
};

/** What the assistant says when it calls a human without a word, by the script of the last question. */
export const handOverText = (question: string): string =>
  /\p{Script=Cyrillic}/u.test(question) ? 'Передаю ваш вопрос оператору.' : 'I am handing this over to an operator.';

/** The call for a human among the tool calls of an answer; what the model wrote into it is data, cut to what can be stored. */
export function readHumanCall(calls: readonly ModelToolCall[]): HumanCall | null {
  const call = calls.find(({ name }) => name === ESCALATE_TO_OPERATOR.name);
  if (!call) return null;
  const given = parsed(call.argumentsJson);
  const priority = PRIORITIES.find((it) => it === given['priority']);
  const summary = cleaned(given['summary'], LONGEST_SUMMARY);
  return {
    by: 'assistant',
    reason: cleaned(given['reason'], LONGEST_REASON),
    ...(priority ? { priority } : {}),
    ...(summary === null ? {} : { summary }),
  };
}

function parsed(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}

function cleaned(value: unknown, max: number): string | null {
  if (typeof value !== 'string') return null;
  const text = value.replaceAll('\0', '').trim().slice(0, max).toWellFormed();
  return textProblem(text, 1, max) === null ? text : null;
}
