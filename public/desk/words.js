import { plural } from '../common/format.js';

// How chats, customers and operators are called. Pure functions.

export const PRIORITIES = ['urgent', 'high', 'medium', 'low'];
export const PRIORITY_NAMES = { urgent: 'Urgent', high: 'High', medium: 'Medium', low: 'Low' };
export const STATUS_NAMES = {
  bot: 'With the assistant',
  waiting: 'Waiting',
  in_progress: 'In progress',
  closed: 'Closed',
};
export const SOURCE_NAMES = { telegram: 'Telegram', website: 'Website' };
export const ROLE_NAMES = { operator: 'Operator', senior_operator: 'Senior operator', admin: 'Admin' };
export const PRESENCE_NAMES = { online: 'Online', away: 'Away', offline: 'Offline' };

/** What a customer is called: the full name, else the account's name, else the user name. */
export function customerName(user) {
  const full = [user?.first_name, user?.last_name].filter(Boolean).join(' ').trim();
  return full || user?.name || (user?.username ? `@${user.username}` : '') || 'Customer';
}

/** The name of an operator by id; `me` is the one who looks. */
export function operatorName(id, operators, me) {
  if (!id) return 'Nobody';
  if (id === me) return 'You';
  return operators[id]?.name || 'Another operator';
}

/** `45 s`, `12 min`, `3 h 05 min`, `2 days`. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return '–';
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
  return plural(Math.floor(hours / 24), 'day');
}

/** How long ago something was, in seconds. */
export const secondsSince = (time, now = Date.now()) => Math.max(0, (now - Date.parse(time)) / 1000);

/** The last thing that was said, for the queue. */
export function lastLine(chat, me) {
  const last = chat.last_message;
  if (!last) return 'Nothing has been said yet';
  if (last.metadata?.deleted_at) return 'Message deleted';
  const text = last.text.replace(/\s+/g, ' ');
  if (last.author_type === 'user') return text;
  if (last.author_type === 'operator') return `${last.author_id === me ? 'You' : 'Operator'}: ${text}`;
  return `Assistant: ${text}`;
}

/** Who says a message. */
export function speakerOf(message, { chat, operators, me }) {
  if (message.author_type === 'user') return customerName(chat?.user);
  if (message.author_type === 'operator') return operatorName(message.author_id, operators, me);
  return message.metadata?.role === 'system' ? 'Notice' : 'Assistant';
}

const DELIVERY = {
  queued: { text: 'On its way', icon: 'clock' },
  sent: { text: 'Sent', icon: 'check' },
  failed: { text: 'Not delivered', icon: 'alert' },
  unknown: { text: 'Perhaps delivered', icon: 'help' },
};

/** How a message got on in the customer's channel: `{state, text, icon, why}`; null when nothing is known. */
export function deliveryOf(message) {
  const { delivery } = message.metadata ?? {};
  const state = typeof delivery === 'string' ? delivery : delivery?.state;
  return DELIVERY[state] ? { state, ...DELIVERY[state], why: delivery.error ?? '' } : null;
}

const DOINGS = {
  'chat.escalated': 'called a human in',
  'chat.taken': 'took',
  'chat.assigned': 'assigned',
  'chat.transferred': 'transferred',
  'chat.queued': 'put back into the queue',
  'chat.returned': 'gave back to the assistant',
  'chat.closed': 'closed',
  'chat.reopened': 'reopened',
  'chat.sla-breached': 'noticed a late first answer in',
  'operator.created': 'made an account for',
  'operator.disabled': 'disabled',
  'operator.enabled': 'enabled',
  'user.created': 'made an account for',
  'user.erased': 'erased an account',
  'user.role-changed': 'changed the role of',
  'user.google-linked': 'linked a Google account to',
  'telegram.redriven': 'processed again',
  'telegram.redrive-failed': 'tried in vain',
};

/** What a line of the audit log says was done. */
export const auditText = (action) => DOINGS[action] ?? action.replace(/[._-]+/g, ' ');
