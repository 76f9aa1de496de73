import { html, useLayoutEffect, useRef, useState } from '/vendor/preact.js';
import { createStore, useStore } from '../store.js';
import { IconButton } from './icons.js';

// One dialog at a time, drawn by <DialogHost>. The browser's own <dialog> keeps the focus inside and gives it back.

const current = createStore({ dialog: null });

function ask(dialog) {
  return new Promise((resolve) => current.set({ dialog: { ...dialog, resolve } }));
}

/** Resolves to whether the person agreed. */
export const confirmDialog = (options) => ask({ kind: 'confirm', ...options }).then(Boolean);

/** Asks for one line of text, which may be empty if it `isOptional`; resolves to it, or to null. */
export const promptDialog = (options) => ask({ kind: 'prompt', ...options });

/** Asks for one of `options: [{value, label}]`; resolves to its value, or to undefined. */
export const chooseDialog = (options) => ask({ kind: 'choose', ...options });

/** Shows `body` (a component) with a close button. */
export const showDialog = (options) => ask({ kind: 'show', ...options });

export function DialogHost() {
  const dialog = useStore(current, (state) => state.dialog);
  return dialog && html`<${Dialog} key=${dialog.title} ...${dialog} />`;
}

function Dialog({ kind, title, text, body, resolve, ...options }) {
  const element = useRef(null);
  useLayoutEffect(() => {
    const opener = document.activeElement;
    element.current.showModal();
    element.current.querySelector('[data-focus]')?.focus();
    return () => opener?.isConnected && opener.focus();
  }, []);
  const finish = (value) => {
    element.current.close();
    current.set({ dialog: null });
    resolve(value);
  };
  const cancel = () => finish(kind === 'prompt' ? null : undefined);
  const onBackdrop = (event) => event.target === element.current && cancel();
  const Form = FORMS[kind];
  return html`
    <dialog
      ref=${element}
      class=${`dialog ${kind}`}
      aria-labelledby="dialog-title"
      onCancel=${cancel}
      onMouseDown=${onBackdrop}
    >
      <div class="dialog-body">
        <header>
          <h2 id="dialog-title">${title}</h2>
          <${IconButton} icon="close" label="Close" onClick=${cancel} />
        </header>
        ${text && html`<p>${text}</p>`}
        <${Form} ...${options} body=${body} finish=${finish} cancel=${cancel} />
      </div>
    </dialog>
  `;
}

const FORMS = {
  confirm: ConfirmForm,
  prompt: PromptForm,
  choose: ChooseForm,
  show: ({ body: Body, finish }) => html`<${Body} finish=${finish} />`,
};

function ConfirmForm({ confirmLabel, danger, finish, cancel }) {
  return html`
    <footer>
      <button type="button" class="button" onClick=${cancel} data-focus>Cancel</button>
      <button type="button" class=${`button ${danger ? 'danger' : 'primary'}`} onClick=${() => finish(true)}>
        ${confirmLabel}
      </button>
    </footer>
  `;
}

function PromptForm({ label, value = '', maxLength = 200, confirmLabel = 'Save', isOptional, finish, cancel }) {
  const [text, setText] = useState(value);
  const submit = (event) => {
    event.preventDefault();
    if (isOptional || text.trim()) finish(text.trim());
  };
  return html`
    <form onSubmit=${submit}>
      <label class="field">
        <span>${label}</span>
        <input
          value=${text}
          maxlength=${maxLength}
          onInput=${(event) => setText(event.target.value)}
          onFocus=${(event) => event.target.select()}
          data-focus
        />
      </label>
      <footer>
        <button type="button" class="button" onClick=${cancel}>Cancel</button>
        <button type="submit" class="button primary" disabled=${!isOptional && !text.trim()}>${confirmLabel}</button>
      </footer>
    </form>
  `;
}

function ChooseForm({ options, value, confirmLabel = 'Save', finish, cancel }) {
  const [chosen, choose] = useState(value);
  const submit = (event) => {
    event.preventDefault();
    finish(chosen);
  };
  return html`
    <form onSubmit=${submit}>
      <fieldset class="choices">
        ${options.map(
          (option) => html`
            <label key=${option.value}>
              <input
                type="radio"
                name="choice"
                checked=${option.value === chosen}
                onChange=${() => choose(option.value)}
                data-focus=${option.value === value}
              />
              <span>${option.label}</span>
            </label>
          `,
        )}
      </fieldset>
      <footer>
        <button type="button" class="button" onClick=${cancel}>Cancel</button>
        <button type="submit" class="button primary">${confirmLabel}</button>
      </footer>
    </form>
  `;
}
