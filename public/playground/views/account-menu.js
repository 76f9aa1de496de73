import { html } from '/vendor/preact.js';
import { signOut } from '../../common/api.js';
import { auth } from '../../common/auth.js';
import { useStore } from '../../common/store.js';
import { chooseTheme, theme } from '../../common/theme.js';
import { confirmDialog } from '../../common/ui/dialogs.js';
import { Menu } from '../../common/ui/menu.js';
import { toastError } from '../../common/ui/toasts.js';
import { goTo, newChatAddress } from '../route.js';
import { showShortcuts } from './shortcuts-dialog.js';

const THEMES = [
  { choice: 'system', label: 'System theme', icon: 'screen' },
  { choice: 'light', label: 'Light theme', icon: 'sun' },
  { choice: 'dark', label: 'Dark theme', icon: 'moon' },
];

export function AccountMenu({ config }) {
  const user = useStore(auth, (state) => state.user);
  const { choice } = useStore(theme);
  const name = user?.name || user?.email || '';
  const items = [
    ...THEMES.map((entry) => ({ ...entry, checked: entry.choice === choice, run: () => chooseTheme(entry.choice) })),
    null,
    { label: 'Keyboard shortcuts', icon: 'help', run: showShortcuts },
    ...(config.docs
      ? [{ label: 'API documentation', icon: 'code', run: () => open('/docs', '_blank', 'noopener') }]
      : []),
    null,
    { label: 'Sign out', icon: 'leave', run: () => leave(false) },
    { label: 'Sign out everywhere', icon: 'leave', danger: true, run: () => leave(true) },
  ];
  const trigger = html`
    <span class="avatar" aria-hidden="true">${name.slice(0, 1).toUpperCase()}</span>
    <span class="account-name"
      ><strong>${name}</strong><small>${user?.name ? user.email : `Parley ${config.version}`}</small></span
    >
  `;
  return html`<${Menu}
    class="account"
    label=${`Account of ${name}`}
    items=${items}
    trigger=${trigger}
    align="start"
  />`;
}

async function leave(everywhere) {
  if (everywhere) {
    const text = 'Every device and browser that is signed in to your account will have to sign in again, this one too.';
    if (
      !(await confirmDialog({ title: 'Sign out everywhere?', text, confirmLabel: 'Sign out everywhere', danger: true }))
    )
      return;
  }
  await signOut({ everywhere }).catch((error) => toastError(error, 'The server was not told.'));
  goTo(newChatAddress(), { replace: true });
}
