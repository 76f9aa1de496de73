import { html, useEffect, useMemo, useRef, useState } from '/vendor/preact.js';
import { dayName } from '../../../common/format.js';
import { useStore } from '../../../common/store.js';
import { toast, toastError } from '../../../common/ui/toasts.js';
import { receiptOf, receiptText, roomRows } from '../../rooms/room-log.js';
import { loadBackUntil, loadOlder } from '../../rooms/room-logs.js';
import { roomOutbox } from '../../rooms/room-outbox.js';
import { nameOf } from '../../rooms/room-words.js';
import { useReading } from '../../rooms/receipts.js';
import { myId } from '../../rooms/rooms.js';
import { seekMessage, sought } from '../../search.js';
import { Skeleton, ToEnd } from '../message-list.js';
import { showMessage, useScrolling } from '../../../common/ui/scrolling.js';
import { RoomMessage } from './room-message.js';
import { UnsentRoomMessage } from './unsent-room-message.js';

const NOBODY = [];

/** What was said in a room. One Tab stop: arrow keys go from message to message, Tab goes on to what can be done with one. */
export function RoomMessages({ log, room, waiting }) {
  const box = useRef(null);
  const { sessionId: roomId, messages, hasOlder, unreadId } = log;
  const me = myId();
  const participants = room?.participants ?? NOBODY;
  const { isAtEnd, onScroll, toEnd } = useScrolling(box, {
    messages,
    hasOlder,
    unsent: waiting.length,
    loadOlder: () => loadOlder(roomId),
  });
  useReading(roomId, log, isAtEnd);
  const show = useShowing(box, log);
  const people = useMemo(
    () => participants.map(({ userId, user }) => ({ id: userId, name: nameOf(user) })),
    [participants],
  );
  const rows = useMemo(() => roomRows(messages, { unreadId }), [messages, unreadId]);
  const byId = useMemo(() => new Map(messages.map((message) => [message.id, message])), [messages]);
  const lastOwn = messages.findLast(({ senderId, deletedAt }) => senderId === me && !deletedAt);
  const { stopId, onFocus, onKeyDown } = useRoving(rows);

  const draw = (row) => {
    if (row.day) return html`<li key=${row.key} class="day"><h2>${dayName(row.day)}</h2></li>`;
    if (row.isNew) return html`<li key="new" class="new-mark"><span>New</span></li>`;
    const { message, isFirst } = row;
    const isOwn = message.senderId === me;
    const receipt = isOwn && !message.deletedAt ? receiptOf(message, participants, me) : null;
    return html`<${RoomMessage}
      key=${row.key}
      message=${message}
      room=${room}
      people=${people}
      target=${message.replyToId && byId.get(message.replyToId)}
      isOwn=${isOwn}
      isFirst=${isFirst}
      isStop=${message.id === stopId}
      isLastOwn=${message === lastOwn}
      receipt=${receipt?.state}
      receiptText=${receipt && receiptText(receipt)}
      onShow=${show}
    />`;
  };
  const isEmpty = log.status === 'ready' && rows.length === 0 && waiting.length === 0;
  return html`
    <div class="messages room-messages" data-current=${log.isCurrent || undefined} ref=${box} onScroll=${onScroll}>
      ${log.status === 'loading' && messages.length === 0 && html`<${Skeleton} />`}
      ${log.isLoadingOlder && html`<p class="older" role="status">Loading earlier messages…</p>`}
      <ol class="message-list" aria-label="Messages" onfocusin=${onFocus} onKeyDown=${onKeyDown}>
        ${rows.map(draw)}
        ${waiting.map(
          (entry) =>
            html`<${UnsentRoomMessage}
              key=${entry.clientMessageId}
              entry=${entry}
              outbox=${roomOutbox}
              place=${roomId}
              people=${people}
              target=${entry.more?.replyToId && byId.get(entry.more.replyToId)}
            />`,
        )}
      </ol>
      ${isEmpty && html`<p class="pane-note">Nothing has been said yet. Say hello.</p>`}
    </div>
    ${!isAtEnd && html`<${ToEnd} onClick=${toEnd} count=${room?.unreadCount ?? 0} />`}
  `;
}

/** Brings a message into view, fetching what lies between; also the one that a search has found. */
function useShowing(box, { sessionId: roomId, status }) {
  const found = useStore(sought, (state) => state.message);
  const show = async (messageId) => {
    await loadBackUntil(roomId, (log) => log.messages.some(({ id }) => id === messageId)).catch(toastError);
    requestAnimationFrame(() => {
      if (box.current && !showMessage(box.current, messageId)) toast('That message is not here any more.');
    });
  };
  useEffect(() => {
    if (!found || found.chatRoomId !== roomId || status !== 'ready') return;
    seekMessage(null);
    void show(found.id);
  }, [found, roomId, status]);
  return show;
}

// The message that had the focus last keeps the list's Tab stop; at first it is the newest one.
function useRoving(rows) {
  const [lastId, setLast] = useState(null);
  const ids = rows.filter(({ message }) => message).map(({ message }) => message.id);
  const stopId = ids.includes(lastId) ? lastId : ids.at(-1);
  const onFocus = (event) => {
    const id = event.target.closest('[data-message]')?.dataset.message;
    if (id) setLast(id);
  };
  const onKeyDown = (event) => {
    if (!event.target.matches('[data-message]')) return;
    const all = [...event.currentTarget.querySelectorAll('[data-message]')];
    const at = all.indexOf(event.target);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    all[to]?.focus();
  };
  return { stopId, onFocus, onKeyDown };
}
