import { html } from '/vendor/preact.js';
import { signOut } from '../../common/api.js';
import { useStore } from '../../common/store.js';
import { chooseTheme, theme } from '../../common/theme.js';
import { promptDialog } from '../../common/ui/dialogs.js';
import { Menu } from '../../common/ui/menu.js';
import { toastError } from '../../common/ui/toasts.js';
import { operators, setOwn } from '../operators.js';
import { ADMIN_ADDRESS, goTo, QUEUE_ADDRESS } from '../route.js';
import { ROLE_NAMES } from '../words.js';
import { showCannedReplies } from './canned-dialog.js';
import { showShortcuts } from './shortcuts-dialog.js';

const THEMES = [
  { choice: 'system', label: 'System theme', icon: 'screen' },
  { choice: 'light', label: 'Light theme', icon: 'sun' },
  { choice: 'dark', label: 'Dark theme', icon: 'moon' },
];

export function DeskMenu({ config }) {
  const me = useStore(operators, (state) => state.me);
  const { choice } = useStore(theme);
  const items = [
    ...(me.role === 'admin' ? [{ label: 'Administration', icon: 'sliders', run: () => goTo(ADMIN_ADDRESS) }] : []),
    { label: 'Canned replies', icon: 'reply', run: showCannedReplies },
    { label: 'Chats at once', icon: 'people', run: () => askMost(me) },
    { label: 'Keyboard shortcuts', icon: 'help', run: showShortcuts },
    null,
    ...THEMES.map((entry) => ({ ...entry, checked: entry.choice === choice, run: () => chooseTheme(entry.choice) })),
    null,
    { label: 'Sign out', icon: 'leave', run: leave },
  ];
  const role = `${ROLE_NAMES[me.role]}, ${me.active_chats} of ${me.max_chats} chats`;
  const trigger = html`
    <span class="avatar" aria-hidden="true">${[...(me.name || '?')][0].toUpperCase()}</span>
    <span class="account-name">
      <strong><bdi>${me.name}</bdi></strong
      ><small>${config.version ? `${role} · ${config.version}` : role}</small>
    </span>
  `;
  return html`<${Menu}
    class="account"
    label=${`Account of ${me.name}`}
    items=${items}
    trigger=${trigger}
    align="start"
  />`;
}

async function askMost(me) {
  const text = await promptDialog({
    title: 'Chats at once',
    label: 'How many chats you hold at most',
    value: String(me.max_chats),
    maxLength: 5,
  });
  if (text === null) return;
  const maxChats = Number(text);
  if (!Number.isInteger(maxChats) || maxChats < 0) return toastError({ message: 'That is not a whole number.' });
  await setOwn({ maxChats }).catch((error) => toastError(error, 'This was not changed.'));
}

async function leave() {
  // Nobody should be given chats who is not there any more.
  await setOwn({ status: 'offline' }).catch(() => {});
  await signOut().catch((error) => toastError(error, 'The server was not told.'));
  goTo(QUEUE_ADDRESS, { replace: true });
}
