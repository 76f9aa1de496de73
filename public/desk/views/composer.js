import { html, useEffect, useLayoutEffect, useRef, useState } from '/vendor/preact.js';
import { call, newKey } from '../../common/api.js';
import { useStore } from '../../common/store.js';
import { confirmDialog } from '../../common/ui/dialogs.js';
import { Icon } from '../../common/ui/icons.js';
import { toast, toastError } from '../../common/ui/toasts.js';
import { addNote } from '../chats.js';
import { newestSeq } from '../chat-log.js';
import { composing } from '../composing.js';
import { loadDraft, saveDraft } from '../drafts.js';
import { forgetMissed, onDraftChange, replies, sendReply } from '../replies.js';
import { useCanned } from './canned-list.js';

/** The longest text, in UTF-16 units (as the server counts). */
const MAX_LENGTH = { reply: 4096, note: 4000 };
/** How near to the greatest length the counter appears. */
const COUNTER_FROM = 500;
const hasKeyboard = matchMedia('(hover: hover) and (pointer: fine)');

/** The field for replies and for notes; each keeps what was typed, by chat, also over a reload. */
export function Composer({ chat, log, rights }) {
  const wanted = useStore(composing);
  const mode = rights.reply ? wanted.mode : 'note';
  const { id } = chat;
  const [drafts, setDrafts] = useState(() => ({ reply: loadDraft('reply', id), note: loadDraft('note', id) }));
  const [isBusy, setBusy] = useState(false);
  const field = useRef(null);
  const isMissed = useStore(replies, ({ missed }) => Boolean(missed[id]));
  const { text, basedOn } = drafts[mode];
  const most = MAX_LENGTH[mode];
  const canSend = text.trim() !== '' && text.length <= most && !isBusy && log?.status === 'ready';

  const change = (next, of = mode) => {
    saveDraft(of, id, next);
    setDrafts((all) => ({ ...all, [of]: next }));
  };
  const type = (next) => change({ text: next, basedOn: null });
  const cannedList = useCanned({ field, text, change: type, isOn: mode === 'reply' });

  useLayoutEffect(() => fitHeight(field.current), [text, mode]);
  useLayoutEffect(() => {
    if (hasKeyboard.matches && rights.reply) field.current.focus();
  }, [rights.reply]);
  // Before the next key: to the page it could be a shortcut.
  useLayoutEffect(() => wanted.focus && field.current.focus(), [wanted.focus]);
  useEffect(
    () => onDraftChange((of) => of === id && setDrafts((all) => ({ ...all, reply: loadDraft('reply', id) }))),
    [id],
  );
  useEffect(() => {
    if (wanted.draft && rights.reply) void haveDraft();
  }, [wanted.draft]);

  const submit = async (event) => {
    event?.preventDefault();
    if (!canSend) return;
    if (mode === 'reply') {
      change({ text: '', basedOn: null });
      // A draft of the assistant answers what it knew, not what came after.
      sendReply(id, text.trim(), basedOn ?? newestSeq(log));
      return field.current.focus();
    }
    setBusy(true);
    try {
      await addNote(id, text.trim(), newKey());
      change({ text: '', basedOn: null }, 'note');
    } catch (error) {
      toastError(error, 'The note was not saved.');
    } finally {
      setBusy(false);
      field.current?.focus();
    }
  };
  const haveDraft = async () => {
    if (isBusy || !(await mayReplace(drafts.reply.text))) return;
    setBusy(true);
    try {
      const draft = await call('POST', `/api/chats/${id}/draft`);
      change({ text: draft.text, basedOn: draft.based_on_seq }, 'reply');
      toast('A draft of the assistant. Read it before you send it.');
    } catch (error) {
      toastError(error, 'The assistant wrote no draft.');
    } finally {
      setBusy(false);
      field.current?.focus();
    }
  };
  const onKeyDown = (event) => {
    if (event.isComposing) return;
    if (cannedList.onKeyDown(event)) event.stopPropagation();
    else if (event.key === 'Enter' && !event.shiftKey && !event.altKey) void submit(event);
    else if (event.key === 'Escape') field.current.blur();
    else return;
    event.preventDefault();
  };

  return html`
    <form class=${`composer desk-composer for-${mode}`} onSubmit=${submit}>
      ${isMissed && html`<${Missed} onSeen=${() => forgetMissed(id)} />`} ${cannedList.list}
      <div class="composer-modes" role="group" aria-label="What to write">
        ${rights.reply && html`<button type="button" aria-pressed=${mode === 'reply'} onClick=${() => composing.set({ mode: 'reply' })}>Reply</button>`}
        <button type="button" aria-pressed=${mode === 'note'} onClick=${() => composing.set({ mode: 'note' })}>
          <${Icon} name="note" /> Note
        </button>
      </div>
      <label class="offscreen" for="composer">${mode === 'reply' ? 'Reply to the customer' : 'Internal note'}</label>
      <textarea
        id="composer"
        ref=${field}
        rows="1"
        dir="auto"
        placeholder=${mode === 'reply' ? 'Write a reply, / for canned ones' : 'A note that only operators see'}
        value=${text}
        aria-invalid=${text.length > most ? 'true' : undefined}
        aria-describedby="composer-hint"
        ...${cannedList.props}
        onInput=${(event) => {
          type(event.target.value);
          cannedList.look();
        }}
        onKeyDown=${onKeyDown}
        onClick=${cannedList.look}
      ></textarea>
      <div class="composer-foot">
        <p id="composer-hint">${hintText({ text, most, mode, isBusy, basedOn })}</p>
        ${mode === 'reply' && html`<button type="button" class="button ghost small" disabled=${isBusy} onClick=${haveDraft}><${Icon} name="spark" /> Draft</button>`}
        <button
          type="submit"
          class="round send"
          disabled=${!canSend}
          title=${mode === 'reply' ? 'Send (Enter)' : 'Save (Enter)'}
        >
          <${Icon} name=${mode === 'reply' ? 'send' : 'check'} />
          <span class="offscreen">${mode === 'reply' ? 'Send the reply' : 'Save the note'}</span>
        </button>
      </div>
    </form>
  `;
}

/** Something was said that the operator had not seen: the reply waits here to be thought over. */
const Missed = ({ onSeen }) => html`
  <div class="missed-note" role="alert">
    <${Icon} name="alert" />
    <p><strong>Not sent:</strong> something new was said meanwhile. It is marked above. Read it, then send again.</p>
    <button type="button" class="button ghost small" onClick=${onSeen}>Seen</button>
  </div>
`;

async function mayReplace(text) {
  if (text.trim() === '') return true;
  return confirmDialog({
    title: 'Replace what you have written?',
    text: 'The draft of the assistant takes the place of the text in the field.',
    confirmLabel: 'Replace',
  });
}

function hintText({ text, most, mode, isBusy, basedOn }) {
  if (isBusy) return mode === 'reply' ? 'The assistant is writing a draft…' : 'Saving…';
  if (text.length > most) return `${(text.length - most).toLocaleString()} characters too many`;
  if (text.length > most - COUNTER_FROM) return `${(most - text.length).toLocaleString()} characters left`;
  if (mode === 'note') return 'Only operators see notes';
  if (basedOn !== null) return 'A draft of the assistant: read it before you send it';
  return hasKeyboard.matches ? 'Enter to send, Shift + Enter for a new line' : '';
}

/** Lets the field be as tall as its text; its greatest height is a matter of style. */
function fitHeight(field) {
  field.style.height = 'auto';
  field.style.height = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`;
}
