import { html, useEffect, useRef, useState } from '/vendor/preact.js';
import { signInAtDesk } from '../sign-in.js';
import { setTitle } from '../../common/title.js';
import { Field, PasswordField } from '../../common/ui/fields.js';
import { Icon } from '../../common/ui/icons.js';

export function SignIn({ notice }) {
  const [problem, setProblem] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const form = useRef(null);
  useEffect(() => setTitle('Desk'), []);
  useEffect(() => {
    const { current } = form;
    (current.querySelector('[aria-invalid=true]') ?? current.querySelector('input')).focus();
  }, [problem]);

  const submit = async (event) => {
    event.preventDefault();
    const { email, password } = Object.fromEntries(new FormData(form.current));
    setBusy(true);
    setProblem(null);
    try {
      await signInAtDesk({ email: email.trim(), password });
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };
  const fields = problem?.fields ?? {};
  return html`
    <div class="gate">
      <section class="gate-story" aria-hidden="true">
        <p class="wordmark">Parley</p>
        <div class="gate-talk">
          <p>The assistant said to ask a human.</p>
          <p>One is here. How can I help?</p>
        </div>
        <p class="gate-line">Somebody<br />is waiting for you.</p>
      </section>
      <main class="gate-form">
        <p class="wordmark narrow-only" aria-hidden="true">Parley</p>
        <h1>Operator desk</h1>
        ${notice && !problem && html`<p class="note" role="status">${notice}</p>`}
        ${problem && html`<p class="note error" role="alert"><${Icon} name="alert" /><span>${explain(problem)}</span></p>`}
        <form ref=${form} onSubmit=${submit} novalidate aria-busy=${isBusy}>
          <${Field}
            name="email"
            label="Email"
            type="email"
            autocomplete="username"
            inputmode="email"
            problem=${fields.email}
            required
          />
          <${PasswordField} problem=${fields.password} />
          <button type="submit" class="button primary wide" disabled=${isBusy}>
            ${isBusy ? 'One moment…' : 'Sign in'}
          </button>
        </form>
        <p class="gate-switch">Accounts of operators are made by an admin.</p>
      </main>
    </div>
  `;
}

function explain(error) {
  const wait = error.retryAfterSeconds;
  return wait ? `${error.message} (${wait} s)` : error.message;
}
