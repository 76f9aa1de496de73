import { failureOfConnection } from './provider-failure.js';
import type { ProviderName } from './ai-provider.js';

/** How long a connection that has said all may take to end by itself, so that it can be used again. */
const LINGER_MS = 250;
/** As much of an error's body as is looked at. */
const MAX_ERROR_BODY_BYTES = 65_536;

/**
 * Hands every piece of the body to `onBytes` until that returns true ("this was all") or the body ends.
 * The connection is closed when the signal is aborted or `onBytes` throws.
 * @throws AppError AI_INTERRUPTED when the connection breaks, `signal.reason` when it is aborted
 */
export async function readBody(
  provider: ProviderName,
  response: Response,
  signal: AbortSignal,
  onBytes: (bytes: Uint8Array) => boolean,
): Promise<void> {
  if (!response.body) return;
  const reader = response.body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const cancel = () => void reader.cancel().catch(() => undefined);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    for (;;) {
      const bytes = await next(provider, reader, signal);
      if (bytes === null) return;
      if (onBytes(bytes)) {
        void linger(reader);
        return;
      }
    }
  } catch (error) {
    cancel();
    throw error;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

async function next(
  provider: ProviderName,
  reader: ReadableStreamDefaultReader<Uint8Array>,
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  const { done, value } = await reader.read().catch((error: unknown) => {
    signal.throwIfAborted();
    throw failureOfConnection(provider, error, 'body');
  });
  // A cancelled stream ends as if it were whole.
  signal.throwIfAborted();
  return done ? null : value;
}

/** The first 64 KB of a body as text; whatever goes wrong, what came so far. */
export async function readErrorText(response: Response): Promise<string> {
  if (!response.body) return '';
  const reader = response.body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    while (length < MAX_ERROR_BODY_BYTES) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
      length += value.byteLength;
    }
  } catch {
    // The status alone says enough.
  }
  void reader.cancel().catch(() => undefined);
  return Buffer.concat(chunks).toString('utf8');
}

async function linger(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  const timer = setTimeout(() => void reader.cancel().catch(() => undefined), LINGER_MS);
  try {
    while (!(await reader.read()).done);
  } catch {
    // It was said already that the answer is whole.
  } finally {
    clearTimeout(timer);
  }
}
