import { createStore } from '../../common/store.js';

/** The message that the next one answers, by room. `asked` counts how often somebody chose one, to move the focus then. */
export const replying = createStore({ byRoom: {}, asked: 0 });

export const replyTo = (message) =>
  replying.set(({ byRoom, asked }) => ({ byRoom: { ...byRoom, [message.chatRoomId]: message }, asked: asked + 1 }));

export const endReply = (roomId) => replying.set(({ byRoom }) => ({ byRoom: { ...byRoom, [roomId]: null } }));
