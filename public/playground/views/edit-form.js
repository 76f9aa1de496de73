import { html, useLayoutEffect, useRef, useState } from '/vendor/preact.js';
import { endEditing } from '../editing.js';
import { attempt } from '../session-actions.js';
import { fitHeight, MAX_LENGTH } from '../text-area.js';

/** Rewrites an own message. `save(message, text)` stores it; `note` tells what follows from that. */
export function EditForm({ message, save, note }) {
  const [text, setText] = useState(message.content);
  const [isBusy, setBusy] = useState(false);
  const field = useRef(null);
  useLayoutEffect(() => {
    field.current.focus();
    field.current.setSelectionRange(text.length, text.length);
  }, []);
  useLayoutEffect(() => fitHeight(field.current), [text]);

  const close = () => {
    endEditing();
    document.getElementById('composer')?.focus();
  };
  const submit = async (event) => {
    event.preventDefault();
    if (!text.trim() || isBusy) return;
    if (text === message.content) return close();
    setBusy(true);
    const done = await attempt(() => save(message, text).then(() => true), 'The message could not be changed.');
    setBusy(false);
    if (done) close();
  };
  const onKeyDown = (event) => {
    if (event.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey) void submit(event);
    if (event.key !== 'Escape') return;
    event.preventDefault();
    close();
  };
  return html`
    <form class="edit-form" onSubmit=${submit}>
      <textarea
        ref=${field}
        aria-label="Edit your message"
        rows="1"
        maxlength=${MAX_LENGTH}
        value=${text}
        onInput=${(event) => setText(event.target.value)}
        onKeyDown=${onKeyDown}
      ></textarea>
      <footer>
        <small>${note}</small>
        <button type="button" class="button small" onClick=${close}>Cancel</button>
        <button type="submit" class="button small primary" disabled=${isBusy || !text.trim()}>Save</button>
      </footer>
    </form>
  `;
}
