import { Global, Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { CustomerDesk } from '../messages/customer-desk.js';
import { MessagesModule } from '../messages/messages.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { UsersModule } from '../users/users.module.js';
import { AssignmentRepository } from './assignment.repository.js';
import { AssignmentService } from './assignment.service.js';
import { CannedRepliesController } from './canned-replies.controller.js';
import { CannedRepliesRepository } from './canned-replies.repository.js';
import { CannedReplies } from './canned-replies.service.js';
import { ChatMovesController } from './chat-moves.controller.js';
import { ChatMoves } from './chat-moves.service.js';
import { ChatNotesRepository } from './chat-notes.repository.js';
import { ChatNotes } from './chat-notes.service.js';
import { ChatTransitionsRepository } from './chat-transitions.repository.js';
import { ChatTransitions } from './chat-transitions.service.js';
import { CustomerChoices } from './customer-choices.service.js';
import { CustomersRepository } from './customers.repository.js';
import { CustomersService } from './customers.service.js';
import { DeskChangesRepository } from './desk-changes.repository.js';
import { DeskLogService } from './desk-log.service.js';
import { DeskSignInController } from './desk-sign-in.controller.js';
import { DeskSignIn } from './desk-sign-in.service.js';
import { DeskStatsRepository } from './desk-stats.repository.js';
import { DeskStatsService } from './desk-stats.service.js';
import { DeskController } from './desk.controller.js';
import { EscalationController } from './escalation.controller.js';
import { EscalationService } from './escalation.service.js';
import { OperatorPresenceRepository } from './operator-presence.repository.js';
import { OperatorPresence } from './operator-presence.service.js';
import { OperatorsController } from './operators.controller.js';
import { OperatorsListener } from './operators.listener.js';
import { OperatorsRepository } from './operators.repository.js';
import { OperatorsService } from './operators.service.js';
import { SlaRepository } from './sla.repository.js';
import { SlaService } from './sla.service.js';
import { SupportChatsController } from './support-chats.controller.js';
import { SupportChatsRepository } from './support-chats.repository.js';
import { SupportChatsService } from './support-chats.service.js';

@Global()
@Module({
  imports: [UsersModule, AuthModule, SessionsModule, MessagesModule],
  controllers: [
    CannedRepliesController,
    ChatMovesController,
    DeskSignInController,
    DeskController,
    EscalationController,
    OperatorsController,
    SupportChatsController,
  ],
  providers: [
    AssignmentRepository,
    AssignmentService,
    CannedRepliesRepository,
    CannedReplies,
    ChatMoves,
    ChatNotesRepository,
    ChatNotes,
    ChatTransitionsRepository,
    ChatTransitions,
    CustomerChoices,
    CustomersRepository,
    CustomersService,
    DeskChangesRepository,
    DeskLogService,
    DeskSignIn,
    DeskStatsRepository,
    DeskStatsService,
    EscalationService,
    OperatorPresence,
    OperatorPresenceRepository,
    OperatorsListener,
    OperatorsRepository,
    OperatorsService,
    SlaRepository,
    SlaService,
    SupportChatsRepository,
    SupportChatsService,
    { provide: CustomerDesk, useExisting: EscalationService },
  ],
  exports: [
    CustomerDesk,
    ChatMoves,
    ChatNotes,
    CustomerChoices,
    CustomersService,
    DeskLogService,
    EscalationService,
    OperatorPresence,
    OperatorsService,
    SupportChatsService,
  ],
})
export class OperatorsModule {}
