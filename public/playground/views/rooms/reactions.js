import { html } from '/vendor/preact.js';
import { plural } from '../../../common/format.js';
import { Menu } from '../../../common/ui/menu.js';
import { react } from '../../rooms/room-live.js';
import { myId } from '../../rooms/rooms.js';
import { attempt } from '../../session-actions.js';

const CHOICES = [
  ['👍', 'Thumbs up'],
  ['❤️', 'Heart'],
  ['😂', 'Laughing'],
  ['🎉', 'Party'],
  ['😮', 'Surprised'],
  ['😢', 'Sad'],
  ['🙏', 'Thank you'],
  ['👀', 'Looking'],
];
// The server keeps one form of each emoji.
const plain = (emoji) => emoji.replaceAll('\uFE0F', '');
const isBy = ({ userIds }, userId) => userIds.includes(userId);

const toggle = (message, emoji, isOn) =>
  attempt(() => react(message, emoji, isOn), 'The reaction could not be stored.');

/** Under a message: each emoji with how many chose it; a press adds the own one or takes it away. */
export function Reactions({ message, people, tabindex }) {
  const reactions = message.reactions ?? [];
  if (reactions.length === 0) return null;
  const nameOf = (id) => (id === myId() ? 'you' : (people.find((person) => person.id === id)?.name ?? 'somebody'));
  return html`
    <ul class="reactions" aria-label="Reactions">
      ${reactions.map((reaction) => {
        const { emoji, count, userIds } = reaction;
        const isMine = isBy(reaction, myId());
        const names = userIds.slice(0, 10).map(nameOf).join(', ') + (count > 10 ? ` and ${count - 10} more` : '');
        return html`<li key=${emoji}>
          <button
            type="button"
            tabindex=${tabindex}
            aria-pressed=${isMine}
            aria-label=${`${emoji}, ${plural(count, 'reaction')}: ${names}`}
            title=${names}
            onClick=${() => toggle(message, emoji, !isMine)}
          >
            <span aria-hidden="true">${emoji}</span> <b aria-hidden="true">${count}</b>
          </button>
        </li>`;
      })}
    </ul>
  `;
}

export function ReactionMenu({ message, tabindex }) {
  const mine = new Set((message.reactions ?? []).filter((one) => isBy(one, myId())).map(({ emoji }) => plain(emoji)));
  const items = CHOICES.map(([glyph, label]) => {
    const checked = mine.has(plain(glyph));
    return { label, glyph, checked, run: () => toggle(message, glyph, !checked) };
  });
  return html`<${Menu} class="glyph-menu" label="React" icon="smile" items=${items} tabindex=${tabindex} />`;
}
