// Passes the deltas of a model on to a room of Socket.IO, and nothing else. Prints its port.
import { createServer, request } from 'node:http';
import { Server } from 'socket.io';

const server = createServer();
const io = new Server(server, { serveClient: false, perMessageDeflate: false });
const chat = io.of('/chat');
chat.on('connection', (socket) => {
  socket.on('join', ({ sessionId }, ack) => {
    socket.join(sessionId);
    ack({ ok: true });
  });
  socket.on('message:send', ({ sessionId }, ack) => {
    ack?.({ ok: true });
    const call = request(
      { port: process.env.MODEL_PORT, host: '127.0.0.1', method: 'POST', agent: false },
      (answer) => {
        let rest = '';
        let offset = 0;
        answer.setEncoding('utf8').on('data', (text) => {
          const lines = (rest + text).split('\n');
          rest = lines.pop();
          for (const line of lines) {
            if (!line.startsWith('data: {')) continue;
            const delta = JSON.parse(line.slice('data: '.length)).choices[0].delta.content;
            if (!delta) continue;
            chat.to(sessionId).emit('message:stream', { messageId: sessionId, sessionId, delta, offset });
            offset += delta.length;
          }
        });
      },
    );
    call.end('{"model":"bench","stream":true,"messages":[]}');
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
process.on('SIGTERM', () => process.exit(0));
