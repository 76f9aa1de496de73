import { html, useState } from '/vendor/preact.js';

/** A labelled field of a form with its hint and its problem. */
export function Field({ name, label, hint, problem, ...input }) {
  const describedBy = problem ? `${name}-problem` : hint ? `${name}-hint` : undefined;
  return html`
    <div class="field">
      <label for=${name}>${label}${hint && html` <small id=${`${name}-hint`}>${hint}</small>`}</label>
      <input
        id=${name}
        name=${name}
        aria-invalid=${problem ? 'true' : undefined}
        aria-describedby=${describedBy}
        ...${input}
      />
      ${problem && html`<small id=${`${name}-problem`} class="problem">${problem}</small>`}
    </div>
  `;
}

export function PasswordField({ problem, isNew = false }) {
  const [isShown, setShown] = useState(false);
  return html`
    <div class="field password">
      <${Field}
        name="password"
        label="Password"
        hint=${isNew ? '8 characters or more' : ''}
        type=${isShown ? 'text' : 'password'}
        autocomplete=${isNew ? 'new-password' : 'current-password'}
        maxlength="128"
        problem=${problem}
        required
      />
      <button type="button" class="button ghost small" aria-pressed=${isShown} onClick=${() => setShown(!isShown)}>
        ${isShown ? 'Hide' : 'Show'}<span class="offscreen"> password</span>
      </button>
    </div>
  `;
}
