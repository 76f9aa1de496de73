import { Global, Module } from '@nestjs/common';
import { CustomerDesk } from '../messages/customer-desk.js';
import { MessagesModule } from '../messages/messages.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { UsersModule } from '../users/users.module.js';
import { CustomersRepository } from './customers.repository.js';
import { CustomersService } from './customers.service.js';
import { EscalationService } from './escalation.service.js';

@Global()
@Module({
  imports: [UsersModule, SessionsModule, MessagesModule],
  providers: [
    CustomersRepository,
    CustomersService,
    EscalationService,
    { provide: CustomerDesk, useExisting: EscalationService },
  ],
  exports: [CustomerDesk, CustomersService],
})
export class OperatorsModule {}
