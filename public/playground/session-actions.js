import { download } from '../common/download.js';
import { chooseDialog, confirmDialog, promptDialog } from '../common/ui/dialogs.js';
import { toast, toastError } from '../common/ui/toasts.js';
import { goTo, newChatAddress, route } from './route.js';
import { changeSession, createGroup, removeGroup, removeSession, renameGroup, sessions, titleOf } from './sessions.js';

const NO_GROUP = '';

/** Runs an action of the person; what goes wrong is shown. */
export async function attempt(action, what = '') {
  try {
    return await action();
  } catch (error) {
    toastError(error, what);
    return undefined;
  }
}

/** What can be done with a session, for a menu. */
export function sessionActions(session) {
  const { isFavorite, isArchived } = session;
  return [
    { label: 'Rename', icon: 'edit', run: () => rename(session) },
    {
      label: isFavorite ? 'Remove from favourites' : 'Add to favourites',
      icon: 'star',
      run: () => attempt(() => changeSession(session.id, { isFavorite: !isFavorite })),
    },
    { label: 'Move to a group', icon: 'folder', run: () => move(session) },
    { label: isArchived ? 'Take out of the archive' : 'Archive', icon: 'archive', run: () => archive(session) },
    null,
    { label: 'Export as Markdown', icon: 'download', run: () => exportSession(session, 'md') },
    { label: 'Export as JSON', icon: 'download', run: () => exportSession(session, 'json') },
    null,
    { label: 'Delete', icon: 'trash', danger: true, run: () => remove(session) },
  ];
}

export function groupActions(group) {
  return [
    { label: 'New chat in this group', icon: 'plus', run: () => goTo(newChatAddress(group.id)) },
    {
      label: 'Rename group',
      icon: 'edit',
      run: () => rename(group, (name) => renameGroup(group.id, name), 'Rename the group'),
    },
    { label: 'Delete group', icon: 'trash', danger: true, run: () => dropGroup(group) },
  ];
}

export async function newGroup() {
  const name = await promptDialog({
    title: 'New group',
    label: 'Name of the group',
    maxLength: 100,
    confirmLabel: 'Create',
  });
  return name === null ? null : attempt(() => createGroup(name));
}

async function rename(thing, store = (title) => changeSession(thing.id, { title }), title = 'Rename the chat') {
  const name = await promptDialog({ title, label: 'Name', value: thing.title ?? thing.name ?? '' });
  if (name !== null) await attempt(() => store(name));
}

async function move(session) {
  const { groups } = sessions.get();
  const options = [
    { value: NO_GROUP, label: 'No group' },
    ...groups.map(({ id, name }) => ({ value: id, label: name })),
    { value: 'new', label: 'A new group…' },
  ];
  const chosen = await chooseDialog({
    title: 'Move to a group',
    options,
    value: session.groupId ?? NO_GROUP,
    confirmLabel: 'Move',
  });
  if (chosen === undefined) return;
  const groupId = chosen === 'new' ? (await newGroup())?.id : chosen === NO_GROUP ? null : chosen;
  if (groupId !== undefined && groupId !== session.groupId) await attempt(() => changeSession(session.id, { groupId }));
}

async function archive({ id, isArchived }) {
  await attempt(async () => {
    await changeSession(id, { archived: !isArchived });
    toast(isArchived ? 'The chat is back in the list.' : 'The chat is in the archive.');
  });
}

async function exportSession(session, format) {
  const fileName = `${
    titleOf(session)
      .replace(/[^\p{L}\p{N}]+/gu, '-')
      .replace(/^-|-$/g, '')
      .slice(0, 60) || 'chat'
  }.${format}`;
  await attempt(() => download(`/sessions/${session.id}/export.${format}`, fileName), 'The export failed.');
}

async function remove(session) {
  const text = `“${titleOf(session)}” and all its messages will be gone for good.`;
  if (!(await confirmDialog({ title: 'Delete this chat?', text, confirmLabel: 'Delete', danger: true }))) return;
  await attempt(async () => {
    await removeSession(session.id);
    if (route.get().sessionId === session.id) goTo(newChatAddress(), { replace: true });
    toast('The chat was deleted.');
  });
}

async function dropGroup(group) {
  const text = `The chats of “${group.name}” stay; they are just not grouped any more.`;
  if (await confirmDialog({ title: 'Delete this group?', text, confirmLabel: 'Delete group', danger: true }))
    await attempt(() => removeGroup(group.id));
}
