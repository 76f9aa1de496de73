/** A button below a message. */
export interface MessageButton {
  text: string;
  /** What comes back when it is pressed, at most 64 bytes. */
  data: string;
}

export const TELEGRAM_BUTTONS_PER_ROW = 5;
export const CALL_HUMAN = 'human';
const RATING = /^rate:([1-5])$/;

/** One to five stars. */
export const ratingButtons = (): MessageButton[] =>
  [1, 2, 3, 4, 5].map((stars) => ({ text: `${stars} ⭐`, data: `rate:${stars}` }));

/** The rating that a pressed button stands for, if it is one. */
export function ratingOf(data: string): number | null {
  const [, stars] = RATING.exec(data) ?? [];
  return stars === undefined ? null : Number(stars);
}

/** Reads the buttons that a message carries in its metadata. */
export function buttonsOf(value: unknown): MessageButton[] {
  if (!Array.isArray(value)) return [];
  return (value as unknown[]).filter((button): button is MessageButton => {
    const { text, data } = (button ?? {}) as Partial<MessageButton>;
    return typeof text === 'string' && typeof data === 'string';
  });
}
