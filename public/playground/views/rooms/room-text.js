import { html } from '/vendor/preact.js';
import { textParts } from '../../rooms/text-parts.js';
import { myId } from '../../rooms/rooms.js';

/** What a person wrote: text, with addresses as links and names of people in the room marked. Never HTML. */
export function RoomText({ text, people }) {
  return textParts(text, people).map((part) => {
    if (typeof part === 'string') return part;
    if (part.type === 'link')
      return html`<a href=${part.href} target="_blank" rel="noopener noreferrer nofollow">${part.text}</a>`;
    return html`<strong class=${`mention ${part.id === myId() ? 'me' : ''}`}>${part.text}</strong>`;
  });
}
