import { html, useEffect, useState } from '/vendor/preact.js';
import { useStore } from '../../../common/store.js';
import { load, save } from '../../../common/storage.js';
import { setTitle } from '../../../common/title.js';
import { emptyLog, runningAnswer } from '../../conversation-log.js';
import { startEditing } from '../../editing.js';
import { ROOMS_ADDRESS } from '../../route.js';
import { runs } from '../../rooms/room-actions.js';
import { stopAnswer } from '../../rooms/room-live.js';
import { catchUp, roomLogs, unmarkNew } from '../../rooms/room-logs.js';
import { roomOutbox } from '../../rooms/room-outbox.js';
import { roomTyping } from '../../rooms/room-typing.js';
import { firstNameOf, roomTitle, typingText } from '../../rooms/room-words.js';
import { endReply, replying } from '../../rooms/replying.js';
import { myId, rooms } from '../../rooms/rooms.js';
import { attempt } from '../../session-actions.js';
import { roomTeller } from '../../typing.js';
import { Composer } from '../composer.js';
import { useMentions } from './mention-list.js';
import { MembersPanel } from './members-panel.js';
import { ReplyBanner } from './reply-banner.js';
import { RoomHeader } from './room-header.js';
import { RoomMessages } from './room-messages.js';

const NO_ENTRIES = [];

export function RoomPane({ roomId, config, ...frame }) {
  const log = useStore(roomLogs, ({ logs }) => logs[roomId]) ?? emptyLog(roomId);
  const room = useStore(rooms, ({ byId }) => byId[roomId]);
  const waiting = useStore(roomOutbox.entries, ({ byId }) => byId[roomId]) ?? NO_ENTRIES;
  const [areMembersShown, setMembersShown] = useState(() => load('parley.members', false));
  const title = roomTitle(room, myId());
  useEffect(() => setTitle(title), [title]);
  const toggleMembers = () => {
    save('parley.members', !areMembersShown || null);
    setMembersShown(!areMembersShown);
  };
  if (log.status === 'failed')
    return html`<${RoomHeader} title="Room" ...${frame} /> <${Failed} problem=${log.problem} roomId=${roomId} />`;
  return html`
    <${RoomHeader}
      title=${title}
      room=${room}
      areMembersShown=${areMembersShown}
      toggleMembers=${toggleMembers}
      ...${frame}
    />
    <div class="room-body">
      <div class="room-talk">
        <${RoomMessages} log=${log} room=${room} waiting=${waiting} />
        ${room && html`<${Below} log=${log} room=${room} title=${title} hasUnsent=${waiting.length > 0} />`}
      </div>
      ${room && areMembersShown && html`<${MembersPanel} room=${room} onClose=${toggleMembers} />`}
    </div>
  `;
}

function Below({ log, room, title, hasUnsent }) {
  const { id, participants } = room;
  const target = useStore(replying, ({ byRoom }) => byRoom[id]);
  const asked = useStore(replying, (state) => state.asked);
  const answer = runningAnswer(log);
  const question = answer && log.messages.find(({ id: questionId }) => questionId === answer.replyToId);
  const mayStop = answer !== null && (question?.senderId === myId() || runs(room));
  const say = (text) => {
    unmarkNew(id);
    roomOutbox.send(id, text, target ? { replyToId: target.id } : {});
    if (target) endReply(id);
  };
  const editLast = () => {
    const own = log.messages.findLast(({ senderId, deletedAt }) => senderId === myId() && !deletedAt);
    if (own) startEditing(own.id);
  };
  return html`
    <div class="below">
      <${TypingMark} room=${room} />
      <${Composer}
        place=${id}
        onSend=${say}
        cooldown=${roomOutbox.cooldown}
        teller=${roomTeller}
        useCompletion=${(box) => useMentions({ ...box, participants })}
        above=${target && html`<${ReplyBanner} message=${target} onCancel=${() => endReply(id)} />`}
        focusKey=${asked}
        isAnswering=${mayStop}
        onStop=${() => attempt(() => stopAnswer(answer), 'The answer could not be stopped.')}
        onEscape=${target ? () => endReply(id) : undefined}
        onEditLast=${editLast}
        hasUnsent=${hasUnsent}
        placeholder=${`Message ${title}`}
      />
    </div>
  `;
}

function TypingMark({ room }) {
  const typists = useStore(roomTyping, ({ byRoom }) => byRoom[room.id]) ?? NO_ENTRIES;
  const names = typists.map((id) => firstNameOf(room.participants.find(({ userId }) => userId === id)?.user));
  return html`<p class="typing-mark" role="status">
    ${names.length > 0 && html`<span class="thinking tiny" aria-hidden="true"><i></i><i></i><i></i></span>${typingText(names)}`}
  </p>`;
}

function Failed({ problem, roomId }) {
  const isGone = problem.code === 'CHAT_ROOM_NOT_FOUND';
  return html`
    <div class="pane-note" role="alert">
      <h2>${isGone ? 'You are not in this room' : 'This room could not be opened'}</h2>
      <p>${isGone ? 'It may have been deleted, or somebody took you out of it.' : problem.message}</p>
      ${
        isGone
          ? html`<a class="button primary" href=${ROOMS_ADDRESS}>To your rooms</a>`
          : html`<button type="button" class="button primary" onClick=${() => catchUp(roomId)}>Try again</button>`
      }
    </div>
  `;
}
