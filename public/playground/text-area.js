/** The longest message, in UTF-16 units (as the server counts). */
export const MAX_LENGTH = 10_000;

/** Lets a text area be as tall as its text; its greatest height is a matter of style. */
export function fitHeight(field) {
  field.style.height = 'auto';
  field.style.height = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`;
}
