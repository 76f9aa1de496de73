import { Global, Module } from '@nestjs/common';
import { CustomerDesk } from '../messages/customer-desk.js';
import { MessagesModule } from '../messages/messages.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { UsersModule } from '../users/users.module.js';
import { ChatNotesRepository } from './chat-notes.repository.js';
import { ChatTransitionsRepository } from './chat-transitions.repository.js';
import { ChatTransitions } from './chat-transitions.service.js';
import { CustomersRepository } from './customers.repository.js';
import { CustomersService } from './customers.service.js';
import { EscalationService } from './escalation.service.js';
import { OperatorsRepository } from './operators.repository.js';
import { SupportChatsRepository } from './support-chats.repository.js';

@Global()
@Module({
  imports: [UsersModule, SessionsModule, MessagesModule],
  providers: [
    ChatNotesRepository,
    ChatTransitions,
    ChatTransitionsRepository,
    CustomersRepository,
    CustomersService,
    OperatorsRepository,
    SupportChatsRepository,
    EscalationService,
    { provide: CustomerDesk, useExisting: EscalationService },
  ],
  exports: [CustomerDesk, CustomersService, EscalationService],
})
export class OperatorsModule {}
