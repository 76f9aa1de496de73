import { html, useEffect, useState } from '/vendor/preact.js';
import { auth } from '../../common/auth.js';
import { useStore } from '../../common/store.js';
import { setTitle } from '../../common/title.js';
import { toastError } from '../../common/ui/toasts.js';
import { loadDraft, saveDraft } from '../drafts.js';
import { outbox } from '../outbox.js';
import { chatAddress, goTo } from '../route.js';
import { createSession, models, providerOf, sessions } from '../sessions.js';
import { Composer } from './composer.js';
import { ModelSelect, PaneHeader } from './pane-header.js';

const STARTERS = [
  'Explain how HTTPS keeps a password secret, in five sentences.',
  'Write a polite reply that declines a meeting and offers another day.',
  'What should I cook from rice, eggs and a tired leek?',
];

export function NewChat({ groupId, config, ...frame }) {
  const user = useStore(auth, (state) => state.user);
  const byProvider = useStore(models, (state) => state.byProvider);
  const groups = useStore(sessions, (state) => state.groups);
  const [model, setModel] = useState('');
  const [group, setGroup] = useState(groupId ?? '');
  const [systemPrompt, setSystemPrompt] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [starter, setStarter] = useState(0);
  useEffect(() => {
    setTitle('New chat');
  }, []);

  const start = async (text) => {
    setBusy(true);
    try {
      const session = await createSession({
        ...(model ? { model, provider: providerOf(model) } : {}),
        ...(group ? { groupId: group } : {}),
        ...(systemPrompt.trim() ? { systemPrompt: systemPrompt.trim() } : {}),
      });
      outbox.send(session.id, text);
      goTo(chatAddress(session.id));
    } catch (error) {
      // The composer has let go of the text already.
      saveDraft('new', loadDraft('new') || text);
      setStarter((count) => count + 1);
      setBusy(false);
      toastError(error, 'The chat could not be started.');
    }
  };
  const suggest = (text) => {
    saveDraft('new', text);
    setStarter((count) => count + 1);
  };
  const firstName = user?.name?.split(' ')[0];
  return html`
    <${PaneHeader} ...${frame} />
    <div class="new-chat">
      <h1>${firstName ? `What is on your mind, ${firstName}?` : 'What is on your mind?'}</h1>
      ${
        config.assistant?.provider === 'echo' &&
        html`<p class="note">
          No model is set up, so the echo assistant repeats what it is told. Start the server with${' '}
          <code>OPENAI_API_KEY</code> or <code>OPENAI_BASE_URL</code> for real answers.
        </p>`
      }
      <${Composer}
        key=${starter}
        place="new"
        onSend=${start}
        cooldown=${outbox.cooldown}
        isBusy=${isBusy}
        placeholder="Ask anything"
      />
      <div class="new-chat-options">
        <${ModelSelect}
          value=${model}
          onChange=${setModel}
          byProvider=${byProvider}
          fallback=${config.assistant ? `Default: ${config.assistant.model}` : 'Default model'}
        />
        ${
          groups.length > 0 &&
          html`
            <label class="select">
              <span class="offscreen">Group</span>
              <select value=${group} onChange=${(event) => setGroup(event.target.value)}>
                <option value="">No group</option>
                ${groups.map(({ id, name }) => html`<option key=${id} value=${id}>${name}</option>`)}
              </select>
            </label>
          `
        }
      </div>
      <details class="instructions">
        <summary>Instructions for the assistant</summary>
        <textarea
          rows="4"
          maxlength="10000"
          aria-label="Instructions for the assistant"
          placeholder="For example: answer in Spanish, and keep it short."
          value=${systemPrompt}
          onInput=${(event) => setSystemPrompt(event.target.value)}
        ></textarea>
      </details>
      <ul class="starters" aria-label="Ideas">
        ${STARTERS.map((text) => html`<li key=${text}><button type="button" onClick=${() => suggest(text)}>${text}</button></li>`)}
      </ul>
    </div>
  `;
}
