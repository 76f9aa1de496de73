import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AnswersService } from '../../ai/answers.service.js';
import { toMessageResponse } from '../../messages/dto/message.response.dto.js';
import { toSyncResponse } from '../../messages/dto/sync.response.dto.js';
import { MessagesService } from '../../messages/messages.service.js';
import { conversationRoom } from '../contract/room-names.js';
import { WatchService } from '../delivery/watch.service.js';
import type { JoinedSessionAck } from '../dto/acks.dto.js';
import type { ChatSocket } from './chat-socket.js';
import { CommandDispatcher } from './command-dispatcher.js';
import { TypingCommands } from './typing-commands.js';

/** The commands about AI sessions. */
@Injectable()
export class AiCommands implements OnModuleInit {
  constructor(
    private readonly dispatcher: CommandDispatcher,
    private readonly watching: WatchService,
    private readonly messages: MessagesService,
    private readonly answers: AnswersService,
    private readonly typing: TypingCommands,
  ) {}

  onModuleInit(): void {
    // One after another: a connection that is let in twice at once would take what one snapshot held as told.
    const inOrderOf = ({ sessionId }: { sessionId: string }): string => sessionId.toLowerCase();
    this.dispatcher.register({
      event: 'join',
      inOrderOf,
      handle: ({ sessionId, since }, { socket, reply }) => this.join(socket, sessionId.toLowerCase(), since, reply),
    });
    this.dispatcher.register({
      event: 'leave',
      inOrderOf,
      handle: async ({ sessionId }, { socket }) => {
        this.typing.end(socket.id, sessionId.toLowerCase());
        await socket.leave(conversationRoom(sessionId.toLowerCase()));
        this.watching.release(sessionId.toLowerCase());
      },
    });
    this.dispatcher.register({
      event: 'message:send',
      inOrderOf,
      handle: async (input, { socket }) => {
        const sessionId = input.sessionId.toLowerCase();
        // Whoever asks hears the answer, joined or not.
        if (!socket.rooms.has(conversationRoom(sessionId)))
          await this.join(socket, sessionId, undefined, () => undefined);
        const { message } = await this.messages.sendToSession(socket.data.actor, { ...input, role: 'user' });
        this.typing.end(socket.id, sessionId);
        return { message: toMessageResponse(message) };
      },
    });
    this.dispatcher.register({
      event: 'message:stop',
      handle: async ({ messageId }, { socket }) => {
        await this.answers.stopMessage(socket.data.actor, messageId.toLowerCase());
      },
    });
    this.dispatcher.register({
      event: 'message:regenerate',
      handle: async ({ messageId }, { socket }) => ({
        message: toMessageResponse(await this.answers.regenerate(socket.data.actor, messageId.toLowerCase())),
      }),
    });
    this.dispatcher.register({
      event: 'sync',
      handle: async ({ conversationId, since }, { socket }) =>
        toSyncResponse(await this.messages.sync(socket.data.actor, conversationId.toLowerCase(), since)),
    });
  }

  /** Forgets what a closed connection was doing. */
  disconnected(socket: ChatSocket, conversationIds: string[]): void {
    this.typing.end(socket.id);
    for (const conversationId of conversationIds) this.watching.release(conversationId);
  }

  private async join(
    socket: ChatSocket,
    sessionId: string,
    since: number | undefined,
    reply: (result: JoinedSessionAck) => void,
  ): Promise<void> {
    await this.watching.open(socket.data.actor, sessionId, socket.id, since, (snapshot) => {
      reply(snapshot);
      if (socket.connected) void socket.join(conversationRoom(sessionId));
    });
  }
}
