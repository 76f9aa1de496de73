import { AsyncLocalStorage } from 'node:async_hooks';

export interface RequestContext {
  readonly requestId: string;
}

/** What the lines of a request have in common. Doors other than REST open one with `run` for each command. */
export const requestContext = new AsyncLocalStorage<RequestContext>();
