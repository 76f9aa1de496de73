import { html, useEffect, useState } from '/vendor/preact.js';
import { useStore } from '../../common/store.js';
import { showDialog } from '../../common/ui/dialogs.js';
import { Icon, IconButton } from '../../common/ui/icons.js';
import { toastError } from '../../common/ui/toasts.js';
import { canned, loadCanned, removeCanned, saveCanned } from '../canned.js';

export const showCannedReplies = () => void showDialog({ title: 'Canned replies', body: CannedReplies });

/** All of them, to be added, changed and removed. */
function CannedReplies() {
  const list = useStore(canned, (state) => state.list);
  const [edited, edit] = useState(null);
  useEffect(() => void loadCanned().catch(toastError), []);
  if (edited) return html`<${Form} reply=${edited} onDone=${() => edit(null)} />`;
  return html`
    <ul class="canned-all">
      ${list.map(
        (reply) => html`
          <li key=${reply.id}>
            <span>
              <strong><bdi>${reply.title}</bdi></strong>
              ${reply.shortcut && html`<kbd>/${reply.shortcut.replace(/^\//, '')}</kbd>`}
              <small dir="auto">${reply.text}</small>
            </span>
            <${IconButton} icon="edit" label=${`Change ${reply.title}`} onClick=${() => edit(reply)} />
            <${Remove} reply=${reply} />
          </li>
        `,
      )}
    </ul>
    ${list.length === 0 && html`<p>There are none yet. In the field of a chat, <kbd>/</kbd> offers them.</p>`}
    <button type="button" class="button" onClick=${() => edit({ title: '', text: '', shortcut: '' })} data-focus>
      <${Icon} name="plus" /> New canned reply
    </button>
  `;
}

// There is one dialog at a time, so that this one asks by itself.
function Remove({ reply }) {
  const [isSure, setSure] = useState(false);
  const remove = () => (isSure ? removeCanned(reply.id).catch(toastError) : setSure(true));
  if (isSure)
    return html`<button type="button" class="button danger small" onClick=${remove} onBlur=${() => setSure(false)}>
      Delete<span class="offscreen"> ${reply.title} for good</span>
    </button>`;
  return html`<${IconButton} icon="trash" label=${`Delete ${reply.title}`} onClick=${remove} />`;
}

function Form({ reply, onDone }) {
  const [problem, setProblem] = useState(null);
  const submit = async (event) => {
    event.preventDefault();
    const { title, text, shortcut } = Object.fromEntries(new FormData(event.target));
    try {
      const word = shortcut.trim().replace(/^\/+/, '');
      await saveCanned({ id: reply.id, title: title.trim(), text: text.trim(), shortcut: word || null });
      onDone();
    } catch (error) {
      setProblem(error);
    }
  };
  const fields = problem?.fields ?? {};
  const field = (name, label, body) => html`
    <div class="field">
      <label for=${`canned-${name}`}>${label}</label>
      ${body} ${fields[name] && html`<small class="problem">${fields[name]}</small>`}
    </div>
  `;
  return html`
    <form class="canned-form" onSubmit=${submit}>
      ${problem && html`<p class="note error" role="alert"><${Icon} name="alert" /><span>${problem.message}</span></p>`}
      ${field('title', 'Title', html`<input id="canned-title" name="title" maxlength="200" required defaultValue=${reply.title} />`)}
      ${field('shortcut', 'Shortcut, typed after /', html`<input id="canned-shortcut" name="shortcut" maxlength="50" defaultValue=${reply.shortcut ?? ''} />`)}
      ${field('text', 'Text', html`<textarea id="canned-text" name="text" rows="6" maxlength="4096" required defaultValue=${reply.text}></textarea>`)}
      <footer>
        <button type="button" class="button" onClick=${onDone}>Back</button>
        <button type="submit" class="button primary">Save</button>
      </footer>
    </form>
  `;
}
