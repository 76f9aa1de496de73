/** Models of OpenAI that are offered without being configured, with the names people know them by. */
export const KNOWN_OPENAI_MODELS: ReadonlyMap<string, string> = new Map([
  ['gpt-4o-mini', 'GPT-4o mini'],
  ['gpt-4o', 'GPT-4o'],
  ['gpt-4.1', 'GPT-4.1'],
  ['gpt-4.1-mini', 'GPT-4.1 mini'],
  ['gpt-4.1-nano', 'GPT-4.1 nano'],
  ['gpt-5', 'GPT-5'],
  ['gpt-5-mini', 'GPT-5 mini'],
  ['gpt-5-nano', 'GPT-5 nano'],
  ['o4-mini', 'o4-mini'],
]);

/** Ids as they occur in the wild: `llama3.2:3b`, `hf.co/org/model:Q4_K_M`, `accounts/x/models/y`; 200 characters at most. */
const SAFE_MODEL_ID = /^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,199}$/;

export function isSafeModelId(model: string): boolean {
  return SAFE_MODEL_ID.test(model);
}

/** What people read in a list of models. */
export function modelLabel(model: string): string {
  return KNOWN_OPENAI_MODELS.get(model) ?? (model === 'echo' ? 'Echo (no model is configured)' : model);
}
