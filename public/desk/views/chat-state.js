import { html } from '/vendor/preact.js';
import { useStore } from '../../common/store.js';
import { Icon } from '../../common/ui/icons.js';
import { lost, moving, reopen, takeOver } from '../moves.js';
import { myId, operators } from '../operators.js';
import { QUEUE_ADDRESS } from '../route.js';
import { customerName, duration, operatorName, secondsSince } from '../words.js';

/** Says why there is nothing to answer in, or whose chat this is. */
export function ChatState({ chat, chatId, rights, isOutOfSight }) {
  const byId = useStore(operators, (state) => state.byId);
  const holder = useStore(lost, ({ byChat }) => byChat[chatId]);
  const isMoving = useStore(moving, ({ ids }) => ids.has(chatId));
  if (isOutOfSight)
    return html`<${Bar} kind="warn" icon="people">
      <p role="status">
        ${holder ? html`<strong><bdi>${holder}</bdi></strong> has taken this chat.` : 'This chat has gone to somebody else.'}
      </p>
      <a class="button small" href=${QUEUE_ADDRESS}>Back to the queue</a>
    <//>`;
  if (!chat) return null;
  const { status } = chat;
  if (status === 'waiting')
    return html`<${Bar} kind="calm" icon="hand">
      <p>
        <bdi>${customerName(chat.user)}</bdi> waits for a
        human${chat.waiting_since && html` (${duration(secondsSince(chat.waiting_since))})`}.
        ${chat.escalation_reason && html`<span class="reason">“<bdi>${chat.escalation_reason}</bdi>”</span>`}
      </p>
      <button type="button" class="button primary" disabled=${isMoving} onClick=${() => takeOver(chat)}>
        Take this chat
      </button>
    <//>`;
  if (status === 'bot')
    return html`<${Bar} kind="calm" icon="spark">
      <p>The assistant answers here.</p>
      ${rights.take && html`<button type="button" class="button" disabled=${isMoving} onClick=${() => takeOver(chat)}>Take this chat over</button>`}
    <//>`;
  if (status === 'closed')
    return html`<${Bar} kind="calm" icon="archive">
      <p>
        Closed${chat.operator_id && html` by <bdi>${operatorName(chat.operator_id, byId, myId())}</bdi>`}.
        ${chat.resolution && html`<span class="reason"><bdi>${chat.resolution}</bdi></span>`}
      </p>
      ${rights.reopen && html`<button type="button" class="button" disabled=${isMoving} onClick=${() => reopen(chat)}>Reopen</button>`}
    <//>`;
  if (rights.isMine) return null;
  const name = operatorName(chat.operator_id, byId, myId());
  return html`<${Bar} kind="warn" icon="people">
    <p role="status">
      <strong><bdi>${holder ?? name}</bdi></strong> ${holder ? 'has taken this chat.' : 'answers here.'}
      ${rights.reply && ' What you send comes from you as well.'}
    </p>
  <//>`;
}

const Bar = ({ kind, icon, children }) =>
  html`<div class=${`state-bar ${kind}`}><${Icon} name=${icon} />${children}</div>`;
