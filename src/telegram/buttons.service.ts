import { Injectable, Logger } from '@nestjs/common';
import { CustomerDesk } from '../messages/customer-desk.js';
import type { AdmittedCustomer } from '../operators/customers.service.js';
import { SupportChatsService } from '../operators/support-chats.service.js';
import { afterCommit } from '../prisma/transaction-scope.js';
import { CALL_HUMAN, ratingOf } from './buttons.js';
import type { PressUpdate } from './incoming-update.js';
import { TelegramApi } from './telegram-api.js';
import { classifyFailure } from './telegram-failure.js';
import { textsFor } from './texts.js';

/** What pressed buttons do. Runs in the transaction that claims the press. */
@Injectable()
export class ButtonsService {
  private readonly logger = new Logger('TelegramButtons');

  constructor(
    private readonly desk: CustomerDesk,
    private readonly chats: SupportChatsService,
    private readonly api: TelegramApi,
  ) {}

  async press({ data, pressId }: PressUpdate, { customer, conversationId }: AdmittedCustomer): Promise<void> {
    const texts = textsFor(customer.languageCode);
    let notice: string = texts.unknownButton;
    if (data === CALL_HUMAN) {
      await this.desk.callHuman(conversationId, { by: 'button', reason: null });
      notice = texts.humanCalled;
    }
    const rating = ratingOf(data);
    if (rating !== null) notice = (await this.chats.rate(conversationId, rating)) ? texts.thanks : texts.alreadyRated;
    // Only a courtesy: the button would stop waiting by itself.
    afterCommit(() => void this.answer(pressId, notice));
  }

  private async answer(pressId: string, notice: string): Promise<void> {
    try {
      await this.api.answerPress(pressId, notice);
    } catch (error) {
      this.logger.debug({ msg: 'A pressed button could not be answered', reason: classifyFailure(error).reason });
    }
  }
}
