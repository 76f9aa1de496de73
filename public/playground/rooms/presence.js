import { command, connection, onLive } from '../../common/live.js';
import { createStore } from '../../common/store.js';

/** The server tells about this many people at once. */
const MOST = 1000;

/** Who is here, by user id: `{online, lastSeenAt}`. Empty while the connection is away: then nothing is known. */
export const presence = createStore({ byUser: {} });

const asked = new Set();

/** Asks about people that nothing is known of yet; what changes later is told by itself. */
export async function learnPresence(userIds) {
  const unknown = [...new Set(userIds)].filter((id) => !asked.has(id));
  if (connection.get().state !== 'live') return;
  for (let at = 0; at < unknown.length; at += MOST) {
    const some = unknown.slice(at, at + MOST);
    for (const id of some) asked.add(id);
    try {
      const { users } = await command('presence', { userIds: some });
      keep(users);
    } catch {
      for (const id of some) asked.delete(id);
    }
  }
}

function keep(users) {
  presence.set(({ byUser }) => ({
    byUser: { ...byUser, ...Object.fromEntries(users.map(({ userId, ...state }) => [userId, state])) },
  }));
}

export function forgetPresence() {
  asked.clear();
  presence.set({ byUser: {} });
}

/** Connects the store to the live events; call once. */
export function followPresence() {
  onLive('presence', (state) => {
    asked.add(state.userId);
    keep([state]);
  });
  connection.subscribe(({ state }) => {
    if (state !== 'live' && asked.size > 0) forgetPresence();
  });
}
