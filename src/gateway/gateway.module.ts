import { Module } from '@nestjs/common';
import { AiModule } from '../ai/ai.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { MessagesModule } from '../messages/messages.module.js';
import { ConversationFeeds } from './delivery/conversation-feeds.js';
import { DeliveryListener } from './delivery/delivery.listener.js';
import { LiveHub } from './delivery/live-hub.js';
import { StreamWire } from './delivery/stream-wire.js';
import { WatchService } from './delivery/watch.service.js';
import { AiCommands } from './socketio/ai-commands.js';
import { ChatGateway } from './socketio/chat.gateway.js';
import { CommandDispatcher } from './socketio/command-dispatcher.js';
import { SessionStreams } from './sse/session-streams.service.js';
import { StreamsController } from './sse/streams.controller.js';

@Module({
  imports: [AiModule, AuthModule, MessagesModule],
  controllers: [StreamsController],
  providers: [
    AiCommands,
    ChatGateway,
    CommandDispatcher,
    ConversationFeeds,
    DeliveryListener,
    LiveHub,
    SessionStreams,
    StreamWire,
    WatchService,
  ],
  exports: [LiveHub],
})
export class GatewayModule {}
