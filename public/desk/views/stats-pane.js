import { html, useEffect, useState } from '/vendor/preact.js';
import { call } from '../../common/api.js';
import { isPassing } from '../../common/errors.js';
import { timeOfDay } from '../../common/format.js';
import { useStore } from '../../common/store.js';
import { setTitle } from '../../common/title.js';
import { Icon, IconButton } from '../../common/ui/icons.js';
import { operators } from '../operators.js';
import { QUEUE_ADDRESS } from '../route.js';
import { duration, PRESENCE_NAMES } from '../words.js';

/** The numbers are read again this often, in ms. */
const AGAIN_MS = 30_000;
const rating = (value) => (value === null ? '–' : value.toFixed(1));

/** How the desk does. */
export function StatsPane() {
  const [{ stats, at, problem }, show] = useState({ stats: null, at: null, problem: null });
  const read = () =>
    call('GET', '/api/stats')
      .then((next) => show({ stats: next, at: new Date(), problem: null }))
      .catch((error) => show((before) => ({ ...before, problem: error })));
  useEffect(() => {
    setTitle('Statistics');
    void read();
    const timer = setInterval(() => !document.hidden && void read(), AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  return html`
    <header class="pane-header">
      <a class="icon-button narrow-only" href=${QUEUE_ADDRESS} aria-label="Back to the queue" title="Back to the queue"
        ><${Icon} name="back"
      /></a>
      <div class="pane-title">
        <h1>Statistics</h1>
        <p>${at && `As of ${timeOfDay(at)}`}</p>
      </div>
      <${IconButton} icon="again" label="Read again" onClick=${read} />
    </header>
    <div class="stats" tabindex="0" role="region" aria-label="Statistics of the desk">
      ${problem && html`<p class="note error" role="alert"><${Icon} name="alert" /><span>${problem.message}${isPassing(problem) && stats ? ' These are the latest known numbers.' : ''}</span></p>`}
      ${stats ? html`<${Tiles} stats=${stats} /><${People} stats=${stats} />` : !problem && html`<p class="offscreen" role="status">Loading the statistics</p>`}
    </div>
  `;
}

function Tiles({ stats }) {
  const tiles = [
    ['Waiting', stats.waiting_chats],
    ['In progress', stats.in_progress_chats],
    ['With the assistant', stats.bot_chats],
    ['Closed', stats.closed_chats],
    ['Operators online', stats.active_operators],
    ['First answer', duration(stats.avg_response_time), 'on average'],
    ['Until closed', duration(stats.avg_resolution_time), 'on average'],
    ['Rating', rating(stats.avg_rating), 'of 5, on average'],
    ['Late first answers', stats.sla_breaches],
  ];
  return html`<dl class="tiles">
    ${tiles.map(
      ([name, value, more]) =>
        html`<div key=${name}>
          <dt>${name}</dt>
          <dd>${typeof value === 'number' ? value.toLocaleString() : value}${more && html` <small>${more}</small>`}</dd>
        </div>`,
    )}
  </dl>`;
}

function People({ stats }) {
  const byId = useStore(operators, (state) => state.byId);
  return html`
    <h2>Operators</h2>
    <div class="table-frame" tabindex="0" role="region" aria-label="Numbers of each operator">
      <table>
        <thead>
          <tr>
            <th scope="col">Operator</th>
            <th scope="col">Status</th>
            <th scope="col">Holds</th>
            <th scope="col">Closed</th>
            <th scope="col">First answer</th>
            <th scope="col">Until closed</th>
            <th scope="col">Rating</th>
            <th scope="col">Late</th>
          </tr>
        </thead>
        <tbody>
          ${stats.operators.map((one) => {
            const operator = byId[one.operator_id];
            return html`<tr key=${one.operator_id}>
              <th scope="row"><bdi>${one.name ?? operator?.name ?? 'Operator'}</bdi></th>
              <td>
                <i class=${`presence ${operator?.status ?? 'offline'}`} aria-hidden="true"></i>
                ${PRESENCE_NAMES[operator?.status ?? 'offline']}
              </td>
              <td>${one.in_progress_chats}</td>
              <td>${one.closed_chats}</td>
              <td>${duration(one.avg_response_time)}</td>
              <td>${duration(one.avg_resolution_time)}</td>
              <td>${rating(one.avg_rating)}</td>
              <td>${one.sla_breaches}</td>
            </tr>`;
          })}
        </tbody>
      </table>
    </div>
  `;
}
