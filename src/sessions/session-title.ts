/** The longest title, in UTF-16 code units. */
export const MAX_TITLE_LENGTH = 200;

/** Makes a title of any text, such as a model's: one line, well-formed, at most `MAX_TITLE_LENGTH` long; null when nothing is left. */
export function toTitle(text: string): string | null {
  const line = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  if (line.length <= MAX_TITLE_LENGTH) return line || null;
  // A surrogate pair that the cut halves is dropped.
  return line.slice(0, MAX_TITLE_LENGTH).replace(/[\ud800-\udbff]$/, '');
}
