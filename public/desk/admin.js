import { call, callList, newKey } from '../common/api.js';
import { loadOperators } from './operators.js';

// What only admins do: accounts of operators, the audit log, updates of Telegram that were put aside.

/** Makes an account, or changes the one with this id; empty fields are left alone. */
export async function saveOperator({ id, email, password, name, role, maxChats, isActive }) {
  if (id) await call('PATCH', `/api/operators/${id}`, { body: { name, role, maxChats, isActive } });
  else await call('POST', '/api/operators', { body: { email, password, name, role, maxChats }, key: newKey() });
  await loadOperators();
}

const PAGE = 30;

export const readAudit = (filter, cursor) => callList('/api/audit', { ...filter, limit: PAGE, cursor });

export const readLetters = (cursor) => callList('/api/telegram/dead-letters', { limit: PAGE, cursor });

export const redrive = (updateId) => call('POST', `/api/telegram/dead-letters/${updateId}/redrive`);
