// What Socket.IO itself can do: rooms, a check of the token's signature, and nothing else. Prints its port.
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const server = createServer();
const io = new Server(server, { serveClient: false, perMessageDeflate: false });
const chat = io.of('/chat');

chat.use((socket, next) => {
  const [head, body, signature] = String(socket.handshake.auth.token).split('.');
  const expected = createHmac('sha256', process.env.JWT_SECRET).update(`${head}.${body}`).digest('base64url');
  if (signature !== expected) return next(new Error('refused'));
  socket.data.userId = JSON.parse(Buffer.from(body, 'base64url').toString()).sub;
  next();
});
chat.on('connection', (socket) => {
  const { userId } = socket.data;
  socket.on('joinChatRoom', ({ chatRoomId }, ack) => {
    socket.join(chatRoomId);
    ack({ ok: true });
  });
  socket.on('typing', ({ chatRoomId, isTyping }) => {
    socket.to(chatRoomId).emit('userTyping', { userId, chatRoomId, isTyping });
  });
  socket.on('sendMessage', ({ chatRoomId, content }, ack) => {
    const message = { ...LIKE_OURS, chatRoomId, conversationId: chatRoomId, senderId: userId, content };
    chat.to(chatRoomId).emit('newMessage', { chatRoomId, message });
    ack?.({ ok: true, message });
  });
});

/** The other fields of a room message, so that as many bytes go out. */
const LIKE_OURS = {
  id: '00000000-0000-7000-8000-000000000000',
  seq: 1000,
  changeSeq: 1000,
  role: 'user',
  status: 'complete',
  createdAt: '2026-01-01T00:00:00.000Z',
  fileUrl: null,
  fileName: null,
  fileSize: null,
  isRead: false,
  sender: {
    id: '00000000-0000-7000-8000-000000000000',
    name: 'Member 1',
    firstName: null,
    lastName: null,
    role: 'user',
    avatarUrl: null,
  },
};

server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
process.on('SIGTERM', () => process.exit(0));
