import { Injectable } from '@nestjs/common';
import { ChannelMessages } from '../messages/channel-messages.service.js';
import { CustomersService } from '../operators/customers.service.js';
import { ratingButtons } from './buttons.js';
import { textsFor } from './texts.js';

/** Tells customers of Telegram that their chat was closed, and asks how it was. */
@Injectable()
export class ClosingNotices {
  constructor(
    private readonly customers: CustomersService,
    private readonly messages: ChannelMessages,
  ) {}

  /** Part of the transaction that closes the chat. */
  async tell(chatId: string): Promise<void> {
    const customer = await this.customers.findByChat(chatId);
    if (!customer) return;
    const texts = textsFor(customer.languageCode);
    await this.messages.announce(chatId, `${texts.closed}\n\n${texts.rate}`, { buttons: ratingButtons() });
  }
}
