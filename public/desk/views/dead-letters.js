import { html, useState } from '/vendor/preact.js';
import { fullTime, shortTime } from '../../common/format.js';
import { toast, toastError } from '../../common/ui/toasts.js';
import { readLetters, redrive } from '../admin.js';
import { PagedList } from './paged-list.js';

/** Updates of Telegram that could not be processed. */
export function DeadLetters() {
  return html`
    <div class="admin-bar">
      <p>Updates of Telegram that could not be processed, five times. Their customers got no answer to them.</p>
    </div>
    <${PagedList}
      read=${readLetters}
      version=""
      empty="Nothing was put aside. Every update of Telegram was processed."
      label="Updates that were put aside"
      >${(letter, again) => html`<${Letter} key=${letter.update_id} letter=${letter} again=${again} />`}<//
    >
  `;
}

function Letter({ letter, again }) {
  const [isBusy, setBusy] = useState(false);
  const { update_id: id, kind, error, payload, received_at: at, telegram_chat_id: chat } = letter;
  const retry = async () => {
    setBusy(true);
    try {
      await redrive(id);
      toast(`Update ${id} was processed.`);
    } catch (problem) {
      toastError(problem, 'The update could not be processed.');
    }
    setBusy(false);
    await again();
  };
  return html`
    <li>
      <time datetime=${at} title=${fullTime(at)}>${shortTime(at)}</time>
      <div>
        <p><strong>Update ${id}</strong> <span class="chip">${kind}</span>${chat !== null && ` of chat ${chat}`}</p>
        <p class="letter-error">${error}</p>
        <details>
          <summary>What Telegram sent</summary>
          <pre tabindex="0">${JSON.stringify(payload, null, 2)}</pre>
        </details>
      </div>
      <button type="button" class="button small" disabled=${isBusy} onClick=${retry}>
        Try again<span class="offscreen"> update ${id}</span>
      </button>
    </li>
  `;
}
