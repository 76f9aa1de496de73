// Socket.IO and a pool of `pg`: each message is one statement, then its ack and its room. Prints its port.
import { createHmac, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import pg from 'pg';
import { Server } from 'socket.io';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const APPEND = `WITH raised AS (UPDATE conversations SET head = head + 1 WHERE id = $2 RETURNING head)
  INSERT INTO messages (id, conversation_id, seq, change_seq, role, sender_id, content)
  SELECT $1, $2, head, head, 'user', $3, $4 FROM raised RETURNING id, seq, created_at AS "createdAt"`;
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
  socket.on('sendMessage', async ({ chatRoomId, content }, ack) => {
    const { rows } = await pool.query({
      name: 'append',
      text: APPEND,
      values: [randomUUID(), chatRoomId, userId, content],
    });
    const message = { ...rows[0], chatRoomId, senderId: userId, role: 'user', status: 'complete', content };
    chat.to(chatRoomId).emit('newMessage', { chatRoomId, message });
    ack({ ok: true, message });
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
process.on('SIGTERM', () => process.exit(0));
