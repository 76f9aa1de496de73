import { confirmDialog, promptDialog } from '../../common/ui/dialogs.js';
import { toast } from '../../common/ui/toasts.js';
import { goTo, ROOMS_ADDRESS, route } from '../route.js';
import { attempt } from '../session-actions.js';
import { heirOf, nameOf, roomTitle } from './room-words.js';
import { changeRole, changeRoom, myId, removePerson, removeRoom } from './rooms.js';

/** What this person is in a room: OWNER, ADMIN or MEMBER; undefined for somebody who is not in. */
export const roleIn = (room) => room?.participants.find(({ userId }) => userId === myId())?.role;
export const runs = (room) => ['OWNER', 'ADMIN'].includes(roleIn(room));

/** What can be done with a room, for a menu. */
export function roomActions(room) {
  const isGroup = room.type === 'GROUP';
  const { isArchived } = room;
  const mayRun = runs(room);
  const archiving = {
    label: isArchived ? 'Take out of the archive' : 'Archive',
    icon: 'archive',
    run: () => archive(room),
  };
  const actions = [
    ...(isGroup && mayRun ? [{ label: 'Rename', icon: 'edit', run: () => rename(room) }] : []),
    ...(mayRun ? [archiving] : []),
    ...(isGroup ? [{ label: 'Leave', icon: 'leave', danger: true, run: () => leave(room) }] : []),
    ...(roleIn(room) === 'OWNER'
      ? [{ label: 'Delete for everybody', icon: 'trash', danger: true, run: () => remove(room) }]
      : []),
  ];
  return actions.length > 0 ? actions : [{ label: 'Nothing to be done here', icon: 'info', run: () => {} }];
}

async function rename(room) {
  const name = await promptDialog({ title: 'Rename the room', label: 'Name', value: room.name ?? '' });
  if (name !== null) await attempt(() => changeRoom(room.id, { name }));
}

async function archive({ id, isArchived }) {
  await attempt(async () => {
    await changeRoom(id, { isArchived: !isArchived });
    toast(isArchived ? 'The room is back in the list.' : 'The room is in the archive, for everybody in it.');
  });
}

export async function leave(room) {
  const heir = heirOf(room, myId());
  const text = heir
    ? `You run this room. When you go, ${nameOf(heir.user)} becomes its owner.`
    : room.participants.length === 1
      ? 'You are the last one in it: the room and all that was said go with you.'
      : 'You get nothing more from it until somebody adds you again.';
  const title = `Leave “${roomTitle(room, myId())}”?`;
  if (!(await confirmDialog({ title, text, confirmLabel: 'Leave', danger: true }))) return;
  await attempt(async () => {
    goAway(room.id);
    await removePerson(room.id, myId());
    toast('You have left the room.');
  });
}

async function remove(room) {
  const text = 'The room and all that was said in it will be gone for good, for everybody.';
  const title = `Delete “${roomTitle(room, myId())}”?`;
  if (!(await confirmDialog({ title, text, confirmLabel: 'Delete', danger: true }))) return;
  await attempt(async () => {
    await removeRoom(room.id);
    goAway(room.id);
    toast('The room was deleted.');
  });
}

export async function takeOut(room, { userId, user }) {
  const text = `${nameOf(user)} gets nothing more from this room from then on.`;
  if (await confirmDialog({ title: `Remove ${nameOf(user)}?`, text, confirmLabel: 'Remove', danger: true }))
    await attempt(() => removePerson(room.id, userId));
}

export async function makeAdmin(room, { userId }, isAdmin) {
  await attempt(() => changeRole(room.id, userId, isAdmin ? 'ADMIN' : 'MEMBER'));
}

export async function handOver(room, { userId, user }) {
  const text = `${nameOf(user)} can delete the room then. You stay as an admin.`;
  if (await confirmDialog({ title: `Make ${nameOf(user)} the owner?`, text, confirmLabel: 'Hand over' }))
    await attempt(() => changeRole(room.id, userId, 'OWNER'));
}

function goAway(roomId) {
  if (route.get().roomId === roomId) goTo(ROOMS_ADDRESS, { replace: true });
}
