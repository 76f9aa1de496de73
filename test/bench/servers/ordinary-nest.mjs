// NestJS, Socket.IO and Prisma as the manuals put them together: a message is one `create`. Prints its port.
import 'reflect-metadata';
import { createHmac, randomUUID } from 'node:crypto';
import { Module, UsePipes, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { SubscribeMessage, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import { PrismaPg } from '@prisma/adapter-pg';
import { IsString, MaxLength } from 'class-validator';
import { PrismaClient } from '../../../dist/prisma/generated/client.js';

const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL, max: 10 }) });

class SendDto {}
for (const key of ['chatRoomId', 'content']) {
  IsString()(SendDto.prototype, key);
  MaxLength(10_000)(SendDto.prototype, key);
}

class Chat {
  seq = 0;

  handleConnection(socket) {
    const [head, body, signature] = String(socket.handshake.auth.token).split('.');
    const expected = createHmac('sha256', process.env.JWT_SECRET).update(`${head}.${body}`).digest('base64url');
    if (signature !== expected) return socket.disconnect(true);
    socket.data.userId = JSON.parse(Buffer.from(body, 'base64url').toString()).sub;
  }

  joinChatRoom(socket, { chatRoomId }) {
    socket.join(chatRoomId);
    return { ok: true };
  }

  async sendMessage(socket, { chatRoomId, content }) {
    // A counter of this process: counting in the database would cost this peer still more.
    const seq = ++this.seq;
    const message = await prisma.message.create({
      data: {
        id: randomUUID(),
        conversationId: chatRoomId,
        seq,
        changeSeq: seq,
        role: 'user',
        senderId: socket.data.userId,
        content,
      },
    });
    this.server.to(chatRoomId).emit('newMessage', { chatRoomId, message });
    return { ok: true, message };
  }
}
WebSocketServer()(Chat.prototype, 'server');
for (const name of ['joinChatRoom', 'sendMessage']) {
  const descriptor = Object.getOwnPropertyDescriptor(Chat.prototype, name);
  Reflect.defineMetadata(
    'design:paramtypes',
    [Object, name === 'sendMessage' ? SendDto : Object],
    Chat.prototype,
    name,
  );
  SubscribeMessage(name)(Chat.prototype, name, descriptor);
}
UsePipes(new ValidationPipe())(
  Chat.prototype,
  'sendMessage',
  Object.getOwnPropertyDescriptor(Chat.prototype, 'sendMessage'),
);
WebSocketGateway({ namespace: '/chat' })(Chat);

class App {}
Module({ providers: [Chat] })(App);
const app = await NestFactory.create(App, { logger: false });
app.useWebSocketAdapter(new IoAdapter(app));
await app.listen(0, '127.0.0.1');
process.stdout.write(`${app.getHttpServer().address().port}\n`);
process.on('SIGTERM', () => process.exit(0));
