import { html, useEffect, useLayoutEffect, useRef, useState } from '/vendor/preact.js';
import { connection } from '../../common/live.js';
import { useStore } from '../../common/store.js';
import { Icon } from '../../common/ui/icons.js';
import { loadDraft, saveDraft } from '../drafts.js';
import { fitHeight, MAX_LENGTH } from '../text-area.js';
import { useSecondsUntil } from './countdown.js';

/** How near to the greatest length the counter appears, in characters. */
const COUNTER_FROM = MAX_LENGTH - 1000;
const hasKeyboard = matchMedia('(hover: hover) and (pointer: fine)');
const NO_COMPLETION = { props: {}, list: null, onKeyDown: () => false, look: () => {} };

/**
 * The field to write in. `place` names the draft: a session's or a room's id, or `new`. `teller` tells others of the typing;
 * `useCompletion` is a hook that offers words for what is being typed; `above` stands over the field.
 */
export function Composer({
  place,
  onSend,
  cooldown,
  teller,
  useCompletion = () => NO_COMPLETION,
  above,
  focusKey,
  isAnswering = false,
  onStop,
  onEditLast,
  onEscape,
  hasUnsent = false,
  isBusy = false,
  placeholder = 'Write a message',
}) {
  const [text, setText] = useState(() => loadDraft(place));
  const field = useRef(null);
  const seconds = useSecondsUntil(useStore(cooldown, (state) => state.until));
  const isLive = useStore(connection, (state) => state.state === 'live');
  const tooLong = text.length > MAX_LENGTH;
  const canSend = text.trim() !== '' && !tooLong && !isBusy && seconds === 0;

  const change = (next) => {
    setText(next);
    saveDraft(place, next);
  };
  const completion = useCompletion({ field, text, change });

  useLayoutEffect(() => fitHeight(field.current), [text]);
  useEffect(() => {
    // On a phone the focus would open the keyboard over what is to be read.
    if (hasKeyboard.matches || focusKey) field.current.focus();
  }, [focusKey]);

  const submit = (event) => {
    event?.preventDefault();
    if (!canSend) return;
    teller?.stop(place);
    onSend(text.trim());
    change('');
    field.current.focus();
  };
  const onInput = (event) => {
    change(event.target.value);
    completion.look();
    if (event.target.value !== '') teller?.type(place);
  };
  const onKeyDown = (event) => {
    if (event.isComposing) return;
    if (completion.onKeyDown(event)) event.stopPropagation();
    else if (event.key === 'Enter' && !event.shiftKey && !event.altKey) submit(event);
    else if (event.key === 'Escape' && isAnswering) onStop();
    else if (event.key === 'Escape' && onEscape) onEscape();
    else if (event.key === 'ArrowUp' && text === '' && onEditLast && !event.altKey) onEditLast();
    else return;
    event.preventDefault();
  };

  return html`
    <form class="composer" onSubmit=${submit}>
      ${above} ${completion.list}
      <label class="offscreen" for="composer">Message</label>
      <textarea
        id="composer"
        ref=${field}
        rows="1"
        placeholder=${placeholder}
        value=${text}
        aria-invalid=${tooLong ? 'true' : undefined}
        aria-describedby="composer-hint"
        ...${completion.props}
        onInput=${onInput}
        onKeyDown=${onKeyDown}
        onClick=${completion.look}
        onBlur=${() => teller?.stop(place)}
      ></textarea>
      <div class="composer-foot">
        <p id="composer-hint">${hintText({ text, isLive, hasUnsent, seconds })}</p>
        ${isAnswering && html`<button type="button" class="round stop" onClick=${onStop} title="Stop (Esc)"><${Icon} name="stop" filled=${true} /><span class="offscreen">Stop the answer</span></button>`}
        <button
          type="submit"
          class="round send"
          disabled=${!canSend}
          title=${seconds > 0 ? `You can send again in ${seconds} s` : 'Send (Enter)'}
        >
          ${seconds > 0 ? html`<b>${seconds}</b>` : html`<${Icon} name="send" />`}<span class="offscreen">Send</span>
        </button>
      </div>
    </form>
  `;
}

function hintText({ text, isLive, hasUnsent, seconds }) {
  if (text.length > MAX_LENGTH) return `${(text.length - MAX_LENGTH).toLocaleString()} characters too many`;
  if (seconds > 0) return `The next message can go out in ${seconds} s`;
  if (!isLive && (hasUnsent || text)) return 'Offline: messages are kept and go out when the connection is back';
  if (text.length > COUNTER_FROM) return `${(MAX_LENGTH - text.length).toLocaleString()} characters left`;
  return hasKeyboard.matches ? 'Enter to send, Shift + Enter for a new line' : '';
}
