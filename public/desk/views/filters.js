import { html } from '/vendor/preact.js';
import { useStore } from '../../common/store.js';
import { Icon } from '../../common/ui/icons.js';
import { NO_FILTERS, queue, setView } from '../queue.js';
import { PRIORITIES, PRIORITY_NAMES, SOURCE_NAMES, STATUS_NAMES } from '../words.js';

const STATES = { waiting: [], mine: ['closed'], all: ['waiting', 'in_progress', 'closed', 'bot'] };
const FIRST_STATE = { mine: 'In progress', all: 'Every state' };

/** What narrows the list, behind a fold. */
export function Filters() {
  const { byId, view } = useStore(queue);
  const { tab, state, priority, source, tag } = view;
  const used = [state, priority, source, tag].filter(Boolean).length;
  const tags = [...new Set(Object.values(byId).flatMap((chat) => chat.tags))].sort((a, b) => a.localeCompare(b));
  return html`
    <details class="filters">
      <summary>
        <${Icon} name="sliders" /> Filters
        ${used > 0 && html`<b class="count">${used}<span class="offscreen"> in use</span></b>`}
      </summary>
      <div class="filter-fields">
        ${STATES[tab].length > 0 && html`<${Choice} label="State" name="state" value=${state} first=${FIRST_STATE[tab]} options=${STATES[tab].map((one) => [one, STATUS_NAMES[one]])} />`}
        <${Choice}
          label="Priority"
          name="priority"
          value=${priority}
          first="Any"
          options=${PRIORITIES.map((one) => [one, PRIORITY_NAMES[one]])}
        />
        <${Choice} label="Channel" name="source" value=${source} first="Any" options=${Object.entries(SOURCE_NAMES)} />
        <${Choice}
          label="Tag"
          name="tag"
          value=${tag}
          first="Any"
          options=${withChosen(tags, tag).map((one) => [one, one])}
        />
        ${used > 0 && html`<button type="button" class="button ghost small" onClick=${() => setView({ ...NO_FILTERS, search: view.search })}>Clear filters</button>`}
      </div>
    </details>
  `;
}

const withChosen = (tags, tag) => (tag && !tags.includes(tag) ? [tag, ...tags] : tags);

const Choice = ({ label, name, value, first, options }) => html`
  <label class="filter">
    <span>${label}</span>
    <select value=${value} onChange=${(event) => setView({ [name]: event.target.value })}>
      <option value="">${first}</option>
      ${options.map(([option, text]) => html`<option key=${option} value=${option}>${text}</option>`)}
    </select>
  </label>
`;
