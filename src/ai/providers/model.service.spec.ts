import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../common/errors/app-error.js';
import { AppConfig } from '../../config/app-config.js';
import { configuredProviders } from './ai-providers.module.js';
import { ModelService } from './model.service.js';

function service(env: Record<string, string> = {}): ModelService {
  const config = AppConfig.from({ NODE_ENV: 'test', ...env });
  return new ModelService(config, configuredProviders(config));
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
  return 'none';
}

const KEY = { OPENAI_API_KEY: 'sk-test' };
const BASE = { OPENAI_BASE_URL: 'http://127.0.0.1:1/v1', OPENAI_MODEL: 'llama3.2:3b' };
const LLM = { LLM_SERVICE_URL: 'http://127.0.0.1:2' };

describe('ModelService', () => {
  it('offers only the echo assistant when nothing is configured', () => {
    expect(service().listModels()).toEqual([
      { provider: 'echo', models: [{ id: 'echo', label: 'Echo (no model is configured)', provider: 'echo' }] },
    ]);
    expect(service().resolve()).toEqual({ provider: 'echo', model: 'echo' });
  });

  it('offers what is configured, the default first', () => {
    const names = (env: Record<string, string>) =>
      service(env)
        .listModels()
        .map(({ provider }) => provider);
    expect(names(KEY)).toEqual(['openai']);
    expect(names(LLM)).toEqual(['llm-service']);
    expect(names({ ...KEY, ...LLM })).toEqual(['openai', 'llm-service']);
    expect(names({ ...KEY, ...LLM, AI_PROVIDER: 'llm-service' })).toEqual(['llm-service', 'openai']);
    expect(names({ ...KEY, AI_PROVIDER: 'echo' })).toEqual(['echo', 'openai']);
  });

  it('lists the configured models before the known ones, each once', () => {
    const [openai] = service({ ...KEY, OPENAI_MODELS: 'my-tuned, gpt-4o' }).listModels();
    expect(openai!.models.slice(0, 3).map(({ id }) => id)).toEqual(['gpt-4o-mini', 'my-tuned', 'gpt-4o']);
    expect(openai!.models.find(({ id }) => id === 'gpt-4o-mini')!.label).toBe('GPT-4o mini');
    expect(new Set(openai!.models.map(({ id }) => id)).size).toBe(openai!.models.length);
    expect(
      service(BASE)
        .listModels()[0]!
        .models.map(({ id }) => id),
    ).toEqual(['llama3.2:3b']);
  });

  it('takes only listed models of OpenAI, but any sensible id of a compatible server', () => {
    expect(service(KEY).resolve('openai', 'gpt-4o')).toEqual({ provider: 'openai', model: 'gpt-4o' });
    expect(codeOf(() => service(KEY).resolve('openai', 'gpt-99'))).toBe('MODEL_UNKNOWN');
    expect(service(BASE).resolve(null, 'hf.co/org/some_model:Q4_K_M').model).toBe('hf.co/org/some_model:Q4_K_M');
    for (const bad of ['a b', '', 'x'.repeat(201), '../x', 'a\n', 'a"b', '-x'])
      expect(codeOf(() => service(BASE).resolve('openai', bad))).toBe(bad === '' ? 'none' : 'MODEL_UNKNOWN');
  });

  it('finds the provider of a model that is named alone', () => {
    const both = service({ ...KEY, ...LLM, AI_PROVIDER: 'llm-service' });
    expect(both.resolve(undefined, 'gpt-4o')).toEqual({ provider: 'openai', model: 'gpt-4o' });
    expect(both.resolve(undefined, 'something')).toEqual({ provider: 'llm-service', model: 'something' });
    expect(codeOf(() => service(KEY).resolve(undefined, 'something'))).toBe('MODEL_UNKNOWN');
  });

  it('knows no provider that is not configured', () => {
    expect(codeOf(() => service(KEY).resolve('echo'))).toBe('PROVIDER_UNKNOWN');
    expect(codeOf(() => service(KEY).resolve('constructor'))).toBe('PROVIDER_UNKNOWN');
    expect(service(KEY).resolveOrDefault('echo', 'echo')).toEqual({ provider: 'openai', model: 'gpt-4o-mini' });
    expect(service(KEY).resolveOrDefault('openai', 'gpt-4o').model).toBe('gpt-4o');
  });

  it('is healthy before anything was asked', () => {
    expect(service({ ...KEY, ...LLM }).health()).toEqual([
      { provider: 'openai', isDefault: true, breaker: 'closed', failuresInARow: 0, lastFailure: null },
      { provider: 'llm-service', isDefault: false, breaker: 'closed', failuresInARow: 0, lastFailure: null },
    ]);
  });
});
