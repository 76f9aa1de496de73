import { html, useRef, useState } from '/vendor/preact.js';
import { showDialog } from '../../common/ui/dialogs.js';
import { Field, PasswordField } from '../../common/ui/fields.js';
import { Icon } from '../../common/ui/icons.js';
import { toast } from '../../common/ui/toasts.js';
import { saveOperator } from '../admin.js';
import { ROLE_NAMES } from '../words.js';

/** Asks for what an account is to be; null: a new one. */
export const showOperatorForm = (operator) =>
  void showDialog({
    title: operator ? `Change ${operator.name}` : 'New operator',
    body: ({ finish }) => html`<${Form} operator=${operator} finish=${finish} />`,
  });

function Form({ operator, finish }) {
  const [problem, setProblem] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const form = useRef(null);
  const submit = async (event) => {
    event.preventDefault();
    const { email, password, name, role, maxChats, isActive } = Object.fromEntries(new FormData(form.current));
    setBusy(true);
    setProblem(null);
    try {
      await saveOperator({
        id: operator?.id,
        ...(operator ? { isActive: isActive === 'on' } : { email: email.trim(), password }),
        name: name.trim(),
        role,
        maxChats: maxChats === '' ? undefined : Number(maxChats),
      });
      finish(true);
      toast(operator ? `${name.trim()} was changed.` : `${name.trim()} can sign in now.`);
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };
  const fields = problem?.fields ?? {};
  return html`
    <form ref=${form} class="operator-form" onSubmit=${submit} novalidate aria-busy=${isBusy}>
      ${problem && html`<p class="note error" role="alert"><${Icon} name="alert" /><span>${problem.message}</span></p>`}
      <${Field}
        name="name"
        label="Name"
        defaultValue=${operator?.name ?? ''}
        maxlength="100"
        problem=${fields.name}
        required
        data-focus
      />
      ${
        !operator &&
        html`
          <${Field} name="email" label="Email" type="email" autocomplete="off" problem=${fields.email} required />
          <${PasswordField} isNew problem=${fields.password} />
        `
      }
      <label class="field">
        <span>Role</span>
        <select name="role" defaultValue=${operator?.role ?? 'operator'}>
          ${Object.entries(ROLE_NAMES).map(
            ([role, label]) =>
              html`<option key=${role} value=${role} selected=${role === (operator?.role ?? 'operator')}>
                ${label}
              </option>`,
          )}
        </select>
      </label>
      <${Field}
        name="maxChats"
        label="Chats at once"
        hint=${operator ? '' : 'empty: as usual here'}
        type="number"
        min="0"
        max="10000"
        defaultValue=${operator ? String(operator.max_chats) : ''}
        problem=${fields.maxChats}
      />
      ${
        operator &&
        html`<label class="check"
          ><input type="checkbox" name="isActive" defaultChecked=${operator.is_active} /> May sign in</label
        >`
      }
      <footer>
        <button type="button" class="button" onClick=${() => finish()}>Cancel</button>
        <button type="submit" class="button primary" disabled=${isBusy}>${operator ? 'Save' : 'Create'}</button>
      </footer>
    </form>
  `;
}
