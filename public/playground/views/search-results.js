import { html } from '/vendor/preact.js';
import { excerpt, shortTime } from '../../common/format.js';
import { useStore } from '../../common/store.js';
import { chatAddress, roomAddress, route } from '../route.js';
import { roomTitle } from '../rooms/room-words.js';
import { myId, rooms } from '../rooms/rooms.js';
import { clearSearch, search, seekMessage } from '../search.js';
import { sessions, titleOf } from '../sessions.js';
import { SessionRow } from './session-row.js';

export function SearchResults() {
  const { words, status, found, problem } = useStore(search);
  const byId = useStore(sessions, (state) => state.byId);
  const current = useStore(route, (state) => state.sessionId);
  if (status === 'failed') return html`<p class="list-note" role="alert">${problem.message}</p>`;
  if (!found) return html`<p class="list-note" role="status">Searching…</p>`;
  const isEmpty = found.sessions.length === 0 && found.messages.length === 0;
  return html`
    <p class="offscreen" role="status">${found.sessions.length} chats and ${found.messages.length} messages found</p>
    ${isEmpty && html`<p class="list-note">Nothing found for “${words}”.</p>`}
    ${
      found.sessions.length > 0 &&
      html`
        <h2 class="result-title">Chats</h2>
        <ul>
          ${found.sessions.map((session) => html`<${SessionRow} key=${session.id} session=${byId[session.id] ?? session} isCurrent=${session.id === current} />`)}
        </ul>
      `
    }
    ${
      found.messages.length > 0 &&
      html`
        <h2 class="result-title">Messages</h2>
        <ul>
          ${found.messages.map((message) => html`<${MessageHit} key=${message.id} message=${message} session=${byId[message.sessionId]} words=${words} />`)}
        </ul>
      `
    }
    <button type="button" class="button ghost small list-action" onClick=${clearSearch}>Clear search</button>
  `;
}

function MessageHit({ message, session, words }) {
  const { before, match, after } = excerpt(message.content, words);
  const { chatRoomId, sessionId } = message;
  const room = useStore(rooms, ({ byId }) => byId[chatRoomId]);
  return html`
    <li class="message-hit">
      <a href=${chatRoomId ? roomAddress(chatRoomId) : chatAddress(sessionId)} onClick=${() => seekMessage(message)}>
        <span class="hit-head"
          ><strong>${chatRoomId ? roomTitle(room, myId()) : titleOf(session)}</strong>
          <time datetime=${message.createdAt}>${shortTime(message.createdAt)}</time></span
        >
        <span class="hit-text">${before}<mark>${match}</mark>${after}</span>
      </a>
    </li>
  `;
}
