import { html, useRef } from '/vendor/preact.js';
import { dayName, fullTime, timeOfDay } from '../../common/format.js';
import { useStore } from '../../common/store.js';
import { Icon } from '../../common/ui/icons.js';
import { useScrolling } from '../../common/ui/scrolling.js';
import { timelineOf } from '../chat-log.js';
import { chats, loadOlder } from '../chats.js';
import { me, operators } from '../operators.js';
import { replies } from '../replies.js';
import { operatorName } from '../words.js';
import { ChatMessage } from './chat-message.js';
import { UnsentReply } from './unsent-reply.js';

const NONE = [];

/** What was said and noted in a chat. */
export function Timeline({ chatId, chat, log }) {
  const box = useRef(null);
  const notes = useStore(chats, (state) => state.notes[chatId] ?? NONE);
  const unsent = useStore(replies, ({ byChat }) => byChat[chatId] ?? NONE);
  const missed = useStore(replies, (state) => state.missed[chatId] ?? NONE);
  const byId = useStore(operators, (state) => state.byId);
  const messages = log?.messages ?? NONE;
  const hasOlder = log?.hasOlder ?? false;
  const { isAtEnd, onScroll, toEnd } = useScrolling(box, {
    messages,
    hasOlder,
    unsent: unsent.length + notes.length,
    loadOlder: () => loadOlder(chatId),
  });
  const isReady = log?.status === 'ready';
  const rows = timelineOf(messages, isReady ? notes : NONE, { hasOlder });
  const draw = ({ key, day, note, message, isFirst }) => {
    if (day) return html`<li class="day" key=${key}><h2>${dayName(day)}</h2></li>`;
    if (note) return html`<${Note} key=${key} note=${note} byId=${byId} />`;
    return html`<${ChatMessage}
      key=${key}
      message=${message}
      user=${chat?.user}
      byId=${byId}
      isFirst=${isFirst}
      isMissed=${missed.includes(message.id)}
    />`;
  };
  return html`
    <div class="messages chat-messages" ref=${box} onScroll=${onScroll} data-ready=${isReady}>
      ${log?.isLoadingOlder && html`<p class="older" role="status">Loading earlier messages…</p>`}
      ${!isReady && html`<${Skeleton} />`}
      <ol class="message-list" aria-label="Messages">
        ${rows.map(draw)}
        ${unsent.map((entry) => html`<${UnsentReply} key=${entry.clientMessageId} entry=${entry} chatId=${chatId} />`)}
      </ol>
      ${isReady && rows.length === 0 && html`<p class="pane-note">Nothing has been said yet.</p>`}
    </div>
    ${!isAtEnd && html`<button type="button" class="to-end" onClick=${toEnd}><${Icon} name="down" /><span class="offscreen">Go to the latest message</span></button>`}
  `;
}

/** Of operators for operators. */
const Note = ({ note, byId }) => html`
  <li class="chat-note">
    <article>
      <p class="speaker">
        <${Icon} name="note" /> Internal note ·
        <bdi>${note.author_id ? operatorName(note.author_id, byId, me()?.id) : 'Assistant'}</bdi>
        <time datetime=${note.created_at} title=${fullTime(note.created_at)}>${timeOfDay(note.created_at)}</time>
      </p>
      <p class="note-text" dir="auto">${note.text}</p>
    </article>
  </li>
`;

const Skeleton = () => html`
  <div class="skeleton conversation" aria-hidden="true">
    ${[62, 48, 71, 38, 55].map((width) => html`<i style=${{ width: `${width}%` }}></i>`)}
  </div>
  <p class="offscreen" role="status">Loading the chat</p>
`;
