import { Module } from '@nestjs/common';
import { MessagesModule } from '../messages/messages.module.js';
import { OperatorsModule } from '../operators/operators.module.js';
import { UsersModule } from '../users/users.module.js';
import { AnswerPreviewsListener } from './answer-previews.listener.js';
import { AnswerPreviews } from './answer-previews.service.js';
import { ButtonsService } from './buttons.service.js';
import { ChatFilesController } from './chat-files.controller.js';
import { ChatFiles } from './chat-files.service.js';
import { ClosingNotices } from './closing-notices.service.js';
import { DeadLettersController } from './dead-letters.controller.js';
import { DeadLettersRepository } from './dead-letters.repository.js';
import { DeadLetters } from './dead-letters.service.js';
import { InboxRepository } from './inbox.repository.js';
import { InboxService } from './inbox.service.js';
import { OutboxListener } from './outbox.listener.js';
import { OutboxRepository } from './outbox.repository.js';
import { OutboxSender } from './outbox-sender.service.js';
import { OutboxService } from './outbox.service.js';
import { OutboxUpkeep } from './outbox-upkeep.service.js';
import { TelegramApi } from './telegram-api.js';
import { TelegramCheck } from './telegram.check.js';
import { TelegramMetrics } from './telegram-metrics.js';
import { TelegramPolling } from './telegram-polling.service.js';
import { TelegramWebhookController } from './telegram-webhook.controller.js';
import { UpdateHandler } from './update-handler.service.js';
import { WebhookRegistration } from './webhook-registration.service.js';

@Module({
  imports: [MessagesModule, OperatorsModule, UsersModule],
  controllers: [ChatFilesController, DeadLettersController, TelegramWebhookController],
  providers: [
    AnswerPreviews,
    AnswerPreviewsListener,
    ButtonsService,
    ChatFiles,
    ClosingNotices,
    DeadLetters,
    DeadLettersRepository,
    InboxRepository,
    InboxService,
    OutboxListener,
    OutboxRepository,
    OutboxSender,
    OutboxService,
    OutboxUpkeep,
    TelegramApi,
    TelegramCheck,
    TelegramMetrics,
    TelegramPolling,
    UpdateHandler,
    WebhookRegistration,
  ],
  exports: [TelegramPolling],
})
export class TelegramModule {}
