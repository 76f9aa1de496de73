import { html, useEffect, useState } from '/vendor/preact.js';
import { connection } from '../../common/live.js';
import { useStore } from '../../common/store.js';

const WORDS = { off: 'Offline', connecting: 'Connecting…', live: 'Connected', reconnecting: 'Reconnecting…' };
/** Shorter cuts are not worth a word, in ms. */
const PATIENCE_MS = 800;

export const connectionText = ({ state, problem }) =>
  state === 'reconnecting' && problem ? `${WORDS[state]} ${problem}` : WORDS[state];

/** Says that the connection is away, once that has lasted a moment; nothing while all is well. */
export function ConnectionMark() {
  const state = useStore(connection);
  const [isLong, setLong] = useState(false);
  const isAway = state.state !== 'live';
  useEffect(() => {
    setLong(false);
    if (!isAway) return undefined;
    const timer = setTimeout(() => setLong(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [isAway]);
  return html`<p class="connection-mark" role="status">
    ${isAway && isLong && html`<span><i class="dot"></i>${connectionText(state)}</span>`}
  </p>`;
}
