import { setTimeout as sleep } from 'node:timers/promises';
import type { AiProvider, ModelRequest, ModelResult, ModelRun } from './ai-provider.js';

/** A pace that looks written, and that ends within some seconds for long texts too. */
const LONGEST_PAUSE_MS = 18;
const SHORTEST_PAUSE_MS = 2;
const WHOLE_ANSWER_MS = 8000;

/** Answers when no model is configured: says so, and repeats what it was told, word by word. */
export class EchoProvider implements AiProvider {
  readonly name = 'echo';

  listModels(): readonly string[] {
    return ['echo'];
  }

  accepts(model: string): boolean {
    return model === 'echo';
  }

  async answer(request: ModelRequest, run: ModelRun): Promise<ModelResult> {
    const prompt = request.turns.findLast((turn) => turn.role === 'user')?.content ?? '';
    const words = echoOf(prompt).match(/\s*\S+\s*$|\s*\S+/g) ?? [];
    const pause = Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, WHOLE_ANSWER_MS / words.length));
    for (const [place, word] of words.entries()) {
      if (place > 0) await sleep(pause, undefined, { signal: run.signal }).catch(() => undefined);
      run.signal.throwIfAborted();
      run.onDelta(word);
    }
    return { finishReason: 'stop', usage: null, toolCalls: [] };
  }
}

/** The answer to `prompt`; as much longer as the prompt is. */
export function echoOf(prompt: string): string {
  return (
    `You said: ${prompt.trim()}\n\n` +
    'No model is configured on this server, so it can only repeat what it is told. ' +
    'Set OPENAI_API_KEY, OPENAI_BASE_URL or LLM_SERVICE_URL and start it again to talk to a real one.'
  );
}
