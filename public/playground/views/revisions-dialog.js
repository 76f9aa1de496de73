import { html } from '/vendor/preact.js';
import { fullTime } from '../../common/format.js';
import { showDialog } from '../../common/ui/dialogs.js';
import { revisionsOf } from '../conversations.js';
import { attempt } from '../session-actions.js';

/** Shows what a message said before it was edited. */
export async function showRevisions(message) {
  const revisions = await attempt(() => revisionsOf(message));
  if (revisions)
    void showDialog({ title: 'Before the edit', body: () => html`<${RevisionList} revisions=${revisions} />` });
}

function RevisionList({ revisions }) {
  return html`
    <ol class="revisions" tabindex="0" aria-label="Earlier texts" data-focus>
      ${revisions.map(
        ({ content, replacedAt }) => html`
          <li key=${replacedAt}>
            <div class="bubble">${content}</div>
            <small>until ${fullTime(replacedAt)}</small>
          </li>
        `,
      )}
    </ol>
  `;
}
