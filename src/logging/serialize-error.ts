/** The longest text of an error that is logged; Prisma prints whole queries. */
const LONGEST_TEXT = 4_000;
const DEEPEST_CAUSE = 5;

export interface SerializedError {
  type: string;
  message: string;
  code?: string | number;
  stack?: string;
  cause?: SerializedError;
  errors?: SerializedError[];
}

/** What the log keeps of an error: never its other properties, which may hold bodies, headers or rows. */
export function serializeError(error: unknown, depth = 0): SerializedError {
  if (!(error instanceof Error)) return { type: typeof error, message: cut(describe(error)) };
  const { code } = error as { code?: unknown };
  const deeper = depth < DEEPEST_CAUSE;
  return {
    type: error.name,
    message: cut(error.message),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(error.stack === undefined ? {} : { stack: cut(error.stack) }),
    ...(deeper && error.cause !== undefined ? { cause: serializeError(error.cause, depth + 1) } : {}),
    ...(deeper && error instanceof AggregateError
      ? { errors: error.errors.slice(0, 5).map((inner) => serializeError(inner, depth + 1)) }
      : {}),
  };
}

function describe(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'a thrown object' : String(value);
}

function cut(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}
