import { useEffect } from '/vendor/preact.js';
import { chatAddress, goTo, newChatAddress, route } from './route.js';
import { sessions } from './sessions.js';
import { shortcuts } from './shortcut-list.js';
import { showShortcuts } from './views/shortcuts-dialog.js';

/** Listens to the keys of the whole page. */
export function useShortcuts({ openDrawer, togglePanel }) {
  useEffect(() => {
    const onKeyDown = (event) => {
      if (!shortcuts.get().isOn || event.defaultPrevented || document.querySelector('dialog[open]')) return;
      const action = actionOf(event, { openDrawer, togglePanel });
      if (!action) return;
      event.preventDefault();
      action();
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  });
}

function actionOf(event, { openDrawer, togglePanel }) {
  const isCommand = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  if (isCommand && !event.shiftKey && key === 'k') return () => focusSearch(openDrawer);
  if (isCommand && event.shiftKey && key === 'o') return () => goTo(newChatAddress());
  if (isCommand && event.shiftKey && key === 'e') return togglePanel;
  if (event.altKey && (key === 'arrowup' || key === 'arrowdown')) return () => goBeside(key === 'arrowup' ? -1 : 1);
  if (event.key === '?' && !isCommand && !isTextField(event.target)) return showShortcuts;
  return null;
}

const isTextField = (element) => element.closest?.('input, textarea, select, [contenteditable]') !== null;

function focusSearch(openDrawer) {
  const focus = () => document.getElementById('search').focus();
  focus();
  // Hidden in its drawer, it cannot take the focus yet.
  if (document.activeElement.id === 'search') return;
  openDrawer();
  requestAnimationFrame(focus);
}

// In the order of the list as it is drawn.
function goBeside(step) {
  const links = [...document.querySelectorAll('.session-list [data-session]')];
  const ids = links.length > 0 ? links.map((link) => link.dataset.session) : sessions.get().order;
  const at = ids.indexOf(route.get().sessionId);
  const to = ids[at < 0 ? 0 : at + step];
  if (to) goTo(chatAddress(to));
}
