import { call } from '../common/api.js';
import { createStore } from '../common/store.js';
import { chooseDialog, promptDialog } from '../common/ui/dialogs.js';
import { toast, toastError } from '../common/ui/toasts.js';
import { lookSoon } from './chats.js';
import { loadOperators, myId, operators } from './operators.js';
import { readChat, takeChat } from './queue.js';
import { customerName, PRESENCE_NAMES } from './words.js';

/** Chats that somebody else had taken when this operator tried: the name of the holder by chat. */
export const lost = createStore({ byChat: {} });
/** Chats that are being moved right now. */
export const moving = createStore({ ids: new Set() });

const setMoving = (id, isMoving) =>
  moving.set(({ ids }) => {
    const next = new Set(ids);
    if (isMoving) next.add(id);
    else next.delete(id);
    return { ids: next };
  });

/** Moves a chat; returns whether that was done. What stood against it is told. */
async function move(chat, action, body) {
  if (moving.get().ids.has(chat.id)) return false;
  setMoving(chat.id, true);
  try {
    takeChat(await call('POST', `/api/chats/${chat.id}/${action}`, { body }));
    lost.set(({ byChat: { [chat.id]: _gone, ...byChat } }) => ({ byChat }));
    lookSoon(chat.id);
    return true;
  } catch (error) {
    explain(chat, error);
    return false;
  } finally {
    setMoving(chat.id, false);
    // Capacity is a matter of how many one holds now.
    void loadOperators().catch(() => {});
  }
}

function explain(chat, error) {
  if (error.code === 'CHAT_ALREADY_TAKEN') {
    const { operatorId, operatorName } = error.details ?? {};
    const name = operatorName ?? operators.get().byId[operatorId]?.name ?? 'Another operator';
    if (operatorId !== myId()) lost.set(({ byChat }) => ({ byChat: { ...byChat, [chat.id]: name } }));
    toastError({ message: `${name} has taken the chat with ${customerName(chat.user)}.` });
  } else if (error.code === 'OPERATOR_AT_CAPACITY') toastError({ ...error, message: capacityText(error) });
  else toastError(error);
  // Whatever it was: the chat is not as it was shown.
  void readChat(chat.id).catch(() => {});
  lookSoon(chat.id);
}

function capacityText({ details }) {
  const { operatorId, activeChats, maxChats } = details ?? {};
  const who = operatorId === myId() ? 'You hold' : 'That operator holds';
  return `${who} ${activeChats ?? 'all'} of ${maxChats ?? 'the allowed'} chats. Close or hand over one first.`;
}

export const takeOver = (chat) => move(chat, 'take');
export const giveBack = (chat) =>
  move(chat, 'return').then((isDone) => isDone && toast('The assistant answers again.'));
export const backToQueue = (chat) => move(chat, 'transfer', { operatorId: 'queue' });
export const reopen = (chat) => move(chat, 'reopen');

export async function close(chat) {
  const title = `Close the chat with ${customerName(chat.user)}?`;
  const resolution = await promptDialog({
    title,
    label: 'How it ended (the customer does not see this)',
    maxLength: 2000,
    confirmLabel: 'Close chat',
    isOptional: true,
  });
  if (resolution === null) return;
  if (await move(chat, 'close', resolution ? { resolution } : {})) toast('Closed.');
}

export async function transfer(chat) {
  await loadOperators().catch(() => {});
  const others = Object.values(operators.get().byId).filter(
    ({ id, is_active }) => is_active && id !== chat.operator_id,
  );
  if (others.length === 0) return toast('There is nobody else to hand it to.');
  const order = { online: 0, away: 1, offline: 2 };
  const options = others
    .sort((a, b) => order[a.status] - order[b.status] || a.name.localeCompare(b.name))
    .map(({ id, name, status, active_chats, max_chats }) => ({
      value: id,
      label: `${id === myId() ? `${name} (you)` : name} – ${PRESENCE_NAMES[status]}, ${active_chats} of ${max_chats} chats`,
    }));
  const operatorId = await chooseDialog({
    title: 'Hand the chat to',
    options,
    value: options[0].value,
    confirmLabel: 'Hand over',
  });
  if (operatorId && (await move(chat, 'transfer', { operatorId })))
    toast(`${operators.get().byId[operatorId]?.name ?? 'The operator'} has it now.`);
}

/** Priority, tags and pin. */
export async function mark(chat, marks) {
  try {
    takeChat(await call('PATCH', `/api/chats/${chat.id}`, { body: marks }));
  } catch (error) {
    toastError(error, 'This was not changed.');
  }
}
