import { html, useEffect } from '/vendor/preact.js';
import { useStore } from '../../common/store.js';
import { setTitle } from '../../common/title.js';
import { IconButton } from '../../common/ui/icons.js';
import { Menu } from '../../common/ui/menu.js';
import { catchUp, conversations, stopAnswer } from '../conversations.js';
import { emptyLog, runningAnswer } from '../conversation-log.js';
import { editLast } from '../editing.js';
import { outbox } from '../outbox.js';
import { newChatAddress } from '../route.js';
import { attempt, sessionActions } from '../session-actions.js';
import { changeSession, models, providerOf, sessions, titleOf } from '../sessions.js';
import { sessionTeller, typing } from '../typing.js';
import { Composer } from './composer.js';
import { MessageList } from './message-list.js';
import { ModelSelect, PaneHeader } from './pane-header.js';

const NO_ENTRIES = [];

export function ConversationPane({ sessionId, config, ...frame }) {
  const log = useStore(conversations, (state) => state.logs[sessionId]) ?? emptyLog(sessionId);
  const session = useStore(sessions, (state) => state.byId[sessionId]);
  const waiting = useStore(outbox.entries, (state) => state.byId[sessionId]) ?? NO_ENTRIES;
  const isTypingElsewhere = useStore(typing, (state) => state.elsewhere[sessionId]);
  const byProvider = useStore(models, (state) => state.byProvider);
  const answer = runningAnswer(log);
  const title = titleOf(session);
  useEffect(() => {
    setTitle(title);
  }, [title]);

  const stop = () => attempt(() => stopAnswer(answer), 'The answer could not be stopped.');
  return html`
    <${PaneHeader} title=${title} ...${frame}>
      ${
        session &&
        html`
          <${ModelSelect}
            value=${session.model}
            fallback=${session.model ? null : config.assistant?.model}
            byProvider=${byProvider}
            onChange=${(model) => model && attempt(() => changeSession(sessionId, { model, provider: providerOf(model) }))}
          />
          <${IconButton}
            icon="star"
            class="favourite"
            label="Favourite"
            filled=${session.isFavorite}
            aria-pressed=${session.isFavorite}
            onClick=${() => attempt(() => changeSession(sessionId, { isFavorite: !session.isFavorite }))}
          />
          <${Menu} label="Actions for this chat" items=${sessionActions(session)} />
        `
      }
    <//>
    ${log.status === 'failed' ? html`<${Failed} problem=${log.problem} sessionId=${sessionId} />` : html`<${MessageList} log=${log} waiting=${waiting} />`}
    <div class="below">
      <p class="typing-mark" role="status">${isTypingElsewhere && 'You are typing on another device…'}</p>
      ${
        log.status !== 'failed' &&
        html`<${Composer}
          place=${sessionId}
          onSend=${(text) => outbox.send(sessionId, text)}
          cooldown=${outbox.cooldown}
          teller=${sessionTeller}
          isAnswering=${answer !== null}
          onStop=${stop}
          onEditLast=${() => editLast(log)}
          hasUnsent=${waiting.length > 0}
        />`
      }
    </div>
  `;
}

function Failed({ problem, sessionId }) {
  const isGone = problem.code === 'SESSION_NOT_FOUND';
  return html`
    <div class="pane-note" role="alert">
      <h2>${isGone ? 'This chat does not exist' : 'This chat could not be opened'}</h2>
      <p>${isGone ? 'It may have been deleted, or it belongs to somebody else.' : problem.message}</p>
      ${
        isGone
          ? html`<a class="button primary" href=${newChatAddress()}>Start a new chat</a>`
          : html`<button type="button" class="button primary" onClick=${() => catchUp(sessionId)}>Try again</button>`
      }
    </div>
  `;
}
