import { html, useEffect, useRef, useState } from '/vendor/preact.js';
import { signIn } from '../../common/api.js';
import { Field, PasswordField } from '../../common/ui/fields.js';
import { Icon } from '../../common/ui/icons.js';

const TEXTS = {
  login: { title: 'Welcome back', submit: 'Sign in', other: 'New here?', switchTo: 'Create an account' },
  register: { title: 'Create your account', submit: 'Sign up', other: 'Have an account?', switchTo: 'Sign in' },
};

export function SignIn({ config, notice }) {
  const [kind, setKind] = useState('login');
  const [problem, setProblem] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const form = useRef(null);
  const texts = TEXTS[kind];
  useEffect(() => form.current.querySelector('input').focus(), [kind]);
  useEffect(() => {
    if (!problem) return;
    const { current } = form;
    (current.querySelector('[aria-invalid=true]') ?? current.querySelector('input')).focus();
  }, [problem]);

  const submit = async (event) => {
    event.preventDefault();
    const { email, password, name } = Object.fromEntries(new FormData(form.current));
    setBusy(true);
    setProblem(null);
    try {
      await signIn(kind, {
        email: email.trim(),
        password,
        ...(kind === 'register' && name.trim() ? { name: name.trim() } : {}),
      });
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };
  const change = () => {
    setKind(kind === 'login' ? 'register' : 'login');
    setProblem(null);
  };
  const fields = problem?.fields ?? {};

  return html`
    <div class="gate">
      <section class="gate-story" aria-hidden="true">
        <p class="wordmark">Parley</p>
        <div class="gate-talk">
          <p>Why is it dark at night, if the sky is full of stars?</p>
          <p>Because the sky has a past. Light needs time to reach us, and most of it has not arrived yet.</p>
          <p>So we are looking at a deadline?</p>
        </div>
        <p class="gate-line">A good question<br />deserves a conversation.</p>
      </section>
      <main class="gate-form">
        <p class="wordmark narrow-only" aria-hidden="true">Parley</p>
        <h1>${texts.title}</h1>
        ${notice && !problem && html`<p class="note" role="status">${notice}</p>`}
        ${problem && html`<p class="note error" role="alert"><${Icon} name="alert" /><span>${explain(problem)}</span></p>`}
        <form ref=${form} onSubmit=${submit} novalidate aria-busy=${isBusy}>
          ${kind === 'register' && html`<${Field} name="name" label="Name" hint="Optional" autocomplete="name" problem=${fields.name} maxlength="100" />`}
          <${Field}
            name="email"
            label="Email"
            type="email"
            autocomplete="username"
            inputmode="email"
            problem=${fields.email}
            required
          />
          <${PasswordField} isNew=${kind === 'register'} problem=${fields.password} />
          <button type="submit" class="button primary wide" disabled=${isBusy}>
            ${isBusy ? 'One moment…' : texts.submit}
          </button>
        </form>
        ${
          config.googleSignIn &&
          html`
            <p class="or"><span>or</span></p>
            <a class="button wide" href="/auth/google">Continue with Google</a>
          `
        }
        <p class="gate-switch">
          ${texts.other} <button type="button" class="link" onClick=${change}>${texts.switchTo}</button>
        </p>
      </main>
    </div>
  `;
}

function explain(error) {
  const wait = error.retryAfterSeconds;
  return wait ? `${error.message} (${wait} s)` : error.message;
}
