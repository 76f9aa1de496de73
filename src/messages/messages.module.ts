import { Module } from '@nestjs/common';
import { ChatRoomsModule } from '../chat-rooms/chat-rooms.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { UsersModule } from '../users/users.module.js';
import { AssistantMessages } from './assistant-messages.service.js';
import { ConversationAccess } from './conversation-access.js';
import { ConversationReader } from './conversation-reader.service.js';
import { ConversationsController } from './conversations.controller.js';
import { CustomerMessages } from './customer-messages.service.js';
import { DeskMessagesRepository } from './desk-messages.repository.js';
import { DeskMessages } from './desk-messages.service.js';
import { MentionsController } from './mentions.controller.js';
import { MentionsRepository } from './mentions.repository.js';
import { MentionsService } from './mentions.service.js';
import { MessageAppender } from './message-appender.js';
import { MessageLogRepository } from './message-log.repository.js';
import { MessagePace } from './message-pace.js';
import { MessageSearchRepository } from './message-search.repository.js';
import { MessageSearchService } from './message-search.service.js';
import { MessagesController } from './messages.controller.js';
import { MessagesRepository } from './messages.repository.js';
import { MessagesService } from './messages.service.js';
import { ReactionsController } from './reactions.controller.js';
import { ReactionsRepository } from './reactions.repository.js';
import { ReactionsService } from './reactions.service.js';
import { RoomMessagesController } from './room-messages.controller.js';
import { RoomMessages } from './room-messages.service.js';
import { RoomTextsRepository } from './room-texts.repository.js';
import { RoomTexts } from './room-texts.service.js';
import { RunningTexts } from './running-texts.js';
import { SessionExportController } from './session-export.controller.js';
import { SessionExportRepository } from './session-export.repository.js';
import { SessionExportService } from './session-export.service.js';

@Module({
  imports: [UsersModule, SessionsModule, ChatRoomsModule],
  controllers: [
    MentionsController,
    MessagesController,
    ReactionsController,
    RoomMessagesController,
    ConversationsController,
    SessionExportController,
  ],
  providers: [
    AssistantMessages,
    ConversationAccess,
    ConversationReader,
    CustomerMessages,
    DeskMessages,
    DeskMessagesRepository,
    MentionsRepository,
    MentionsService,
    MessageAppender,
    MessageLogRepository,
    MessagePace,
    MessageSearchRepository,
    MessageSearchService,
    MessagesRepository,
    MessagesService,
    ReactionsRepository,
    ReactionsService,
    RoomMessages,
    RoomTexts,
    RoomTextsRepository,
    RunningTexts,
    SessionExportRepository,
    SessionExportService,
  ],
  exports: [
    AssistantMessages,
    ConversationAccess,
    ConversationReader,
    CustomerMessages,
    DeskMessages,
    MessagesService,
    ReactionsService,
    RoomMessages,
    RunningTexts,
  ],
})
export class MessagesModule {}
