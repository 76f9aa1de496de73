import { useEffect } from '/vendor/preact.js';
import { chats } from './chats.js';
import { composing } from './composing.js';
import { close, mark, takeOver } from './moves.js';
import { me } from './operators.js';
import { chatOf, queue, setView, shownChats } from './queue.js';
import { isSenior, rightsOn } from './queue-rules.js';
import { chatAddress, goTo, QUEUE_ADDRESS, route } from './route.js';
import { shortcuts } from './shortcut-list.js';
import { showShortcuts } from './views/shortcuts-dialog.js';

/** Listens to the keys of the whole page. */
export function useShortcuts() {
  useEffect(() => {
    const onKeyDown = (event) => {
      if (!shortcuts.get().isOn || event.defaultPrevented || document.querySelector('dialog[open]')) return;
      const action = actionOf(event);
      if (!action) return;
      event.preventDefault();
      action();
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, []);
}

function actionOf(event) {
  const key = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && key === 'k') return focusSearch;
  if (event.altKey && (key === 'arrowup' || key === 'arrowdown')) return () => goBeside(key === 'arrowup' ? -1 : 1);
  if (event.ctrlKey || event.metaKey || event.altKey || isTextField(event.target)) return null;
  if (event.key === '?') return showShortcuts;
  if (key === '1' || key === '2') return () => setView({ tab: key === '1' ? 'waiting' : 'mine' });
  if (key === '3' && isSenior(me())) return () => setView({ tab: 'all' });
  return actionOnChat(key);
}

function actionOnChat(key) {
  const chat = chatOf(chats.get().openId);
  if (!chat || route.get().view !== 'chat') return null;
  const rights = rightsOn(chat, me());
  if (key === 't' && rights.take) return () => void takeOver(chat);
  if (key === 'r' && rights.reply) return () => composing.set({ mode: 'reply', focus: Symbol('focus') });
  if (key === 'n') return () => composing.set({ mode: 'note', focus: Symbol('focus') });
  if (key === 'd' && rights.reply) return () => composing.set({ mode: 'reply', draft: Symbol('draft') });
  if (key === 'e' && rights.end) return () => void close(chat);
  if (key === 'p') return () => void mark(chat, { isPinned: !chat.is_pinned });
  return null;
}

const isTextField = (element) => element.closest?.('input, textarea, select, [contenteditable]') !== null;

function focusSearch() {
  const focus = () => document.getElementById('search')?.focus();
  focus();
  if (document.activeElement?.id === 'search') return;
  // On a phone the queue is another page.
  goTo(QUEUE_ADDRESS);
  requestAnimationFrame(focus);
}

// In the order of the queue as it is drawn.
function goBeside(step) {
  const ids = (shownChats(queue.get()) ?? []).map(({ id }) => id);
  const at = ids.indexOf(route.get().chatId);
  const to = ids[at < 0 ? 0 : at + step];
  if (to) goTo(chatAddress(to));
}
