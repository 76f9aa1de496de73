import { html, useEffect, useRef, useState } from '/vendor/preact.js';
import { copyText } from '../../common/clipboard.js';
import { clearLog, eventLog, logAsText, pauseLog } from '../../common/event-log.js';
import { preciseTime } from '../../common/format.js';
import { command, connection } from '../../common/live.js';
import { useStore } from '../../common/store.js';
import { Icon, IconButton } from '../../common/ui/icons.js';
import { toast } from '../../common/ui/toasts.js';
import { conversations } from '../conversations.js';
import { connectionText } from './connection-mark.js';

const ARROWS = { in: '←', out: '→', ack: '⇠', note: '•' };
const NAMES = { in: 'received', out: 'sent', ack: 'answer', note: 'connection' };
/** How often the round trip is measured while the panel is open, in ms. */
const MEASURE_MS = 20_000;

/** The live log of what goes over the socket, for people who build clients. */
export function DevPanel({ onClose }) {
  const { entries, paused } = useStore(eventLog);
  const [words, setWords] = useState('');
  const shown = entries.filter((entry) => matches(entry, words.trim().toLowerCase()));
  const list = useRef(null);
  useMeasuring();
  useEffect(() => {
    const element = list.current;
    if (element && element.scrollHeight - element.scrollTop - element.clientHeight < 200)
      element.scrollTop = element.scrollHeight;
  }, [entries]);
  useEffect(() => {
    list.current.scrollTop = list.current.scrollHeight;
  }, []);

  const copy = async () =>
    toast((await copyText(logAsText(shown))) ? `${shown.length} events copied.` : 'Copying was not allowed.');
  return html`
    <aside class="dev-panel" aria-label="Developer panel">
      <header>
        <h2>Live events</h2>
        <${IconButton}
          icon=${paused ? 'play' : 'pause'}
          label=${paused ? 'Go on' : 'Pause'}
          aria-pressed=${paused}
          onClick=${() => pauseLog(!paused)}
        />
        <${IconButton} icon="copy" label="Copy the events" onClick=${copy} />
        <${IconButton} icon="trash" label="Clear the events" onClick=${clearLog} />
        <${IconButton} icon="close" label="Close the developer panel" onClick=${onClose} />
      </header>
      <${ConnectionFacts} />
      <div class="search-field">
        <${Icon} name="search" />
        <input
          type="search"
          placeholder="Filter by event or content"
          aria-label="Filter events"
          value=${words}
          onInput=${(event) => setWords(event.target.value)}
        />
      </div>
      <ol class="event-list" ref=${list} tabindex="0" aria-label="Events">
        ${shown.map((entry) => html`<${Entry} key=${entry.number} entry=${entry} />`)}
      </ol>
      ${shown.length === 0 && html`<p class="list-note">${entries.length === 0 ? 'Nothing yet. Send a message and watch.' : 'No event matches.'}</p>`}
    </aside>
  `;
}

function matches({ event, direction, payload }, words) {
  return words === '' || `${event} ${NAMES[direction]} ${JSON.stringify(payload ?? '')}`.toLowerCase().includes(words);
}

function ConnectionFacts() {
  const state = useStore(connection);
  return html`
    <dl class="facts">
      <div>
        <dt>Connection</dt>
        <dd><i class=${`dot ${state.state}`}></i>${connectionText(state)}</dd>
      </div>
      <div>
        <dt>Round trip</dt>
        <dd>${state.latencyMs === null ? '–' : `${state.latencyMs} ms`}</dd>
      </div>
      <div>
        <dt>Transport</dt>
        <dd>${state.transport ?? '–'}</dd>
      </div>
    </dl>
  `;
}

function Entry({ entry }) {
  const [isOpen, setOpen] = useState(false);
  const { at, direction, event, payload } = entry;
  return html`
    <li class=${`event ${direction}`}>
      <button type="button" aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}>
        <time datetime=${at.toISOString()}>${preciseTime(at)}</time>
        <span class="arrow" aria-hidden="true">${ARROWS[direction]}</span
        ><span class="offscreen">${NAMES[direction]}</span>
        <strong>${event}</strong>
        ${!isOpen && html`<span class="event-glance">${JSON.stringify(payload ?? null).slice(0, 120)}</span>`}
      </button>
      ${isOpen && html`<pre tabindex="0" aria-label=${`Content of ${event}`}>${JSON.stringify(payload ?? null, null, 2)}</pre>`}
    </li>
  `;
}

// A harmless question whose answer takes one round trip.
function useMeasuring() {
  useEffect(() => {
    const measure = () => {
      const { openId, logs } = conversations.get();
      const since = logs[openId]?.cursor;
      if (connection.get().state === 'live' && typeof since === 'number')
        command('sync', { conversationId: openId, since }).catch(() => {});
    };
    const timer = setInterval(measure, MEASURE_MS);
    return () => clearInterval(timer);
  }, []);
}
