import { Module } from '@nestjs/common';
import { AiModule } from '../ai/ai.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { ChatRoomsModule } from '../chat-rooms/chat-rooms.module.js';
import { MessagesModule } from '../messages/messages.module.js';
import { OperatorsModule } from '../operators/operators.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { UsersModule } from '../users/users.module.js';
import { ConnectionLimits } from './delivery/connection-limits.js';
import { ConversationFeeds } from './delivery/conversation-feeds.js';
import { CatchUpService } from './delivery/catch-up.service.js';
import { DeliveryListener } from './delivery/delivery.listener.js';
import { LiveHub } from './delivery/live-hub.js';
import { PresenceService } from './delivery/presence.service.js';
import { RoomDeliveryListener } from './delivery/room-delivery.listener.js';
import { RoomRepair } from './delivery/room-repair.service.js';
import { RoomViews } from './delivery/room-views.js';
import { RoomWatchService } from './delivery/room-watch.service.js';
import { StreamWire } from './delivery/stream-wire.js';
import { WatchService } from './delivery/watch.service.js';
import { DeskConnections } from './desk/desk-connections.js';
import { DeskFeed } from './desk/desk-feed.js';
import { DeskPresence } from './desk/desk-presence.service.js';
import { DeskSubscriptions } from './desk/desk-subscriptions.js';
import { DeskDoor } from './desk/desk.door.js';
import { DeskListener } from './desk/desk.listener.js';
import { AiCommands } from './socketio/ai-commands.js';
import { ChatGateway } from './socketio/chat.gateway.js';
import { CommandDispatcher } from './socketio/command-dispatcher.js';
import { RoomCommands } from './socketio/room-commands.js';
import { RoomViewCommands } from './socketio/room-view-commands.js';
import { TypingCommands } from './socketio/typing-commands.js';
import { RoomStreamsController } from './sse/room-streams.controller.js';
import { RoomStreams } from './sse/room-streams.service.js';
import { SessionStreams } from './sse/session-streams.service.js';
import { StreamsController } from './sse/streams.controller.js';
import { PlainChatDoor } from './websocket/plain-chat.door.js';
import { UpgradeRouter } from './websocket/upgrade-router.js';

@Module({
  imports: [AiModule, AuthModule, ChatRoomsModule, MessagesModule, OperatorsModule, SessionsModule, UsersModule],
  controllers: [StreamsController, RoomStreamsController],
  providers: [
    AiCommands,
    CatchUpService,
    ChatGateway,
    CommandDispatcher,
    ConnectionLimits,
    ConversationFeeds,
    DeliveryListener,
    DeskConnections,
    DeskDoor,
    DeskFeed,
    DeskListener,
    DeskPresence,
    DeskSubscriptions,
    LiveHub,
    PlainChatDoor,
    PresenceService,
    RoomCommands,
    RoomDeliveryListener,
    RoomRepair,
    RoomStreams,
    RoomViewCommands,
    RoomViews,
    RoomWatchService,
    SessionStreams,
    StreamWire,
    TypingCommands,
    UpgradeRouter,
    WatchService,
  ],
  exports: [LiveHub, PresenceService, SessionStreams],
})
export class GatewayModule {}
