import { onLive } from '../common/live.js';
import { makeOutbox } from './make-outbox.js';

/** What was said to the assistant and is not confirmed yet, by session. */
export const outbox = makeOutbox({ name: 'outbox', event: 'message:send', place: 'sessionId' });

onLive('session:deleted', ({ sessionId }) => outbox.drop(sessionId));
