import { Global, Module } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { ModelDefaults } from '../../sessions/model-defaults.js';
import type { AiProvider } from './ai-provider.js';
import { EchoProvider } from './echo.provider.js';
import { LlmServiceProvider } from './llm-service.provider.js';
import { AI_PROVIDERS, ModelService } from './model.service.js';
import { OpenAiProvider } from './openai.provider.js';

@Global()
@Module({
  providers: [
    { provide: AI_PROVIDERS, useFactory: configuredProviders, inject: [AppConfig] },
    ModelService,
    { provide: ModelDefaults, useExisting: ModelService },
  ],
  exports: [ModelService, ModelDefaults],
})
export class AiProvidersModule {}

/** The providers that the configuration names, the default first; echo when it names none, or on request. */
export function configuredProviders(config: AppConfig): AiProvider[] {
  const { OPENAI_API_KEY, OPENAI_BASE_URL, LLM_SERVICE_URL, AI_PROVIDER } = config.env;
  const providers: AiProvider[] = [];
  if (OPENAI_API_KEY || OPENAI_BASE_URL) providers.push(new OpenAiProvider(config));
  if (LLM_SERVICE_URL) providers.push(new LlmServiceProvider(LLM_SERVICE_URL));
  if (providers.length === 0 || AI_PROVIDER === 'echo') providers.push(new EchoProvider());
  return providers.sort((a, b) => Number(b.name === AI_PROVIDER) - Number(a.name === AI_PROVIDER));
}
