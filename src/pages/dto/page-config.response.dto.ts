export class AssistantResponse {
  provider: string;
  model: string;
}

/** What a page has to know before anybody signs in. Public: no secrets. */
export class PageConfigResponse {
  version: string;
  /** Whether `GET /auth/google` works here. */
  googleSignIn: boolean;
  /** Whether there is an API documentation at `/docs`. */
  docs: boolean;
  /** Who answers where nothing else was chosen. */
  assistant: AssistantResponse;
}
