export class ModelResponse {
  id: string;
  label: string;
  provider: string;
}

export class ProviderModelsResponse {
  provider: string;
  models: ModelResponse[];
}

export class ModelListResponse {
  modelsByProvider: ProviderModelsResponse[];
  models: ModelResponse[];
}
