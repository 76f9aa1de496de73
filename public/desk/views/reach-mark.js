import { html, useEffect, useState } from '/vendor/preact.js';
import { useStore } from '../../common/store.js';
import { reach } from '../follow.js';
import { connection } from '../live.js';

/** Shorter cuts are not worth a word, in ms. */
const PATIENCE_MS = 800;

/** Says that there are no live news, once that has lasted a moment; nothing while all is well. */
export function ReachMark() {
  const { state } = useStore(connection);
  const { state: server } = useStore(reach);
  const [isLong, setLong] = useState(false);
  const isAway = state !== 'live';
  useEffect(() => {
    setLong(false);
    if (!isAway) return undefined;
    const timer = setTimeout(() => setLong(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [isAway]);
  return html`<div class="reach-mark" role="status">
    ${isAway && isLong && html`<p class=${server}><i class="dot"></i>${server === 'away' ? 'Offline, retrying… What you write is kept.' : 'No live updates right now; looking every few seconds.'}</p>`}
  </div>`;
}
