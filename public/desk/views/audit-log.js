import { html, useState } from '/vendor/preact.js';
import { fullTime, shortTime } from '../../common/format.js';
import { useStore } from '../../common/store.js';
import { readAudit } from '../admin.js';
import { myId, operators } from '../operators.js';
import { chatAddress } from '../route.js';
import { auditText, operatorName } from '../words.js';
import { PagedList } from './paged-list.js';

/** Who did what, the newest first. */
export function AuditLog() {
  const byId = useStore(operators, (state) => state.byId);
  const [actor, choose] = useState('');
  const people = Object.values(byId).sort((a, b) => a.name.localeCompare(b.name));
  return html`
    <div class="admin-bar">
      <p>Moves of chats, changes of accounts and what else was done at the desk.</p>
      <label class="select">
        <span class="offscreen">Whose doings</span>
        <select value=${actor} onChange=${(event) => choose(event.target.value)}>
          <option value="">Everybody</option>
          ${people.map(({ id, name }) => html`<option key=${id} value=${id}>${name}</option>`)}
        </select>
      </label>
    </div>
    <${PagedList}
      read=${(cursor) => readAudit({ actor_id: actor }, cursor)}
      version=${actor}
      empty="Nothing was done yet."
      label="Audit log"
      >${(entry) => html`<${Entry} key=${entry.id} entry=${entry} byId=${byId} />`}<//
    >
  `;
}

function Entry({ entry, byId }) {
  const { actor_id: actor, action, subject_id: subject, data, created_at: at } = entry;
  const isChat = action.startsWith('chat.') && subject;
  const whom = byId[subject]?.name;
  const to = data.operatorId && data.operatorId !== actor ? byId[data.operatorId]?.name : null;
  return html`
    <li>
      <time datetime=${at} title=${fullTime(at)}>${shortTime(at)}</time>
      <p>
        <strong><bdi>${actor ? operatorName(actor, byId, myId()) : 'The server or a customer'}</bdi></strong>
        ${' '}${auditText(action)}${' '} ${isChat && html`<a class="link" href=${chatAddress(subject)}>a chat</a>`}
        ${!isChat && whom && html`<bdi>${whom}</bdi>`} ${to && html`${' '}to <bdi>${to}</bdi>`}
        ${data.updateId && `update ${data.updateId}`}
        <small>${action}</small>
      </p>
    </li>
  `;
}
