const LONGEST = 500;

/** What is kept of an error: a text that can be stored, short enough to be read. */
export function failureText(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.replaceAll('\0', '').slice(0, LONGEST).toWellFormed();
}
