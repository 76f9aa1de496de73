// Which chats stand in which list, and in what order. Pure functions.

const RANK = { urgent: 0, high: 1, medium: 2, low: 3 };
export const isSenior = (operator) => operator?.role === 'senior_operator' || operator?.role === 'admin';

/** Whether a chat belongs into the list of a tab; `state` narrows `mine` and `all`. */
export function isInTab(chat, { tab, state }, me) {
  if (tab === 'waiting') return chat.status === 'waiting';
  if (tab === 'mine') return chat.operator_id === me && chat.status === (state || 'in_progress');
  return state ? chat.status === state : chat.status !== 'bot';
}

export function passesFilters(chat, { priority, source, tag }) {
  return (
    (!priority || chat.priority === priority) &&
    (!source || chat.source === source) &&
    (!tag || chat.tags.includes(tag))
  );
}

/** Pinned ones first. Those who wait: the most urgent, then the longest waiting; others: the latest active. */
export function inOrder(chats, tab) {
  const compare = tab === 'waiting' ? byNeed : byActivity;
  return [...chats].sort(
    (a, b) => Number(b.is_pinned) - Number(a.is_pinned) || compare(a, b) || (a.id < b.id ? -1 : 1),
  );
}

const byNeed = (a, b) =>
  RANK[a.priority] - RANK[b.priority] ||
  (a.waiting_since ?? a.updated_at).localeCompare(b.waiting_since ?? b.updated_at);
const byActivity = (a, b) => b.updated_at.localeCompare(a.updated_at);

/** What the server is asked for a tab. */
export function queryOf({ tab, state, search, priority, source, tag }, me) {
  const query = { search, priority, source, tag };
  if (tab === 'waiting') return { ...query, status: 'waiting' };
  if (tab === 'mine') return { ...query, status: state || 'in_progress', operator_id: me };
  return { ...query, status: state };
}

/** Of what was known and what was read, the newer one. What the server has just told wins over what is as new. */
export const newerChat = (before, chat) => (before && before.updated_at > chat.updated_at ? before : chat);

/** What an operator may do with a chat now, by the rules of the server. */
export function rightsOn(chat, operator) {
  const senior = isSenior(operator);
  const isMine = chat.operator_id === operator?.id;
  const { status } = chat;
  const isHeld = status === 'in_progress';
  return {
    take: status === 'waiting' || (senior && status === 'bot'),
    reply: isHeld && (isMine || senior),
    end: (isHeld && isMine) || (senior && (isHeld || status === 'waiting')),
    transfer: senior && (isHeld || status === 'waiting'),
    queue: senior && isHeld,
    reopen: senior && status === 'closed',
    isMine: isHeld && isMine,
  };
}
