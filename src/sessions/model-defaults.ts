export interface EffectiveModel {
  provider: string;
  model: string;
}

/** Which models there are. Sessions may not know the assistant, so this is a port that the assistant's module provides. */
export abstract class ModelDefaults {
  /**
   * Completes what is given: a model alone finds the provider that offers it, a provider alone its default model, nothing the
   * server's default. Never fails for nothing given.
   * @throws AppError MODEL_UNKNOWN, PROVIDER_UNKNOWN
   */
  abstract resolve(provider?: string | null, model?: string | null): EffectiveModel;
}
