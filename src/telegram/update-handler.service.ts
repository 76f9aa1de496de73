import { Injectable } from '@nestjs/common';
import { ChannelMessages } from '../messages/channel-messages.service.js';
import { CustomerDesk } from '../messages/customer-desk.js';
import { CustomerMessages } from '../messages/customer-messages.service.js';
import { CustomerChoices } from '../operators/customer-choices.service.js';
import { CustomersService, type AdmittedCustomer } from '../operators/customers.service.js';
import { describeAttachment } from './attachment-reader.js';
import { CALL_HUMAN } from './buttons.js';
import { ButtonsService } from './buttons.service.js';
import type {
  Attachment,
  EditUpdate,
  IncomingUpdate,
  MessageUpdate,
  TelegramChat,
  TelegramPerson,
} from './incoming-update.js';
import { textsFor } from './texts.js';

/** Does what an update asks for. Runs in the transaction that claims it. */
@Injectable()
export class UpdateHandler {
  constructor(
    private readonly customers: CustomersService,
    private readonly said: CustomerMessages,
    private readonly channel: ChannelMessages,
    private readonly desk: CustomerDesk,
    private readonly choices: CustomerChoices,
    private readonly buttons: ButtonsService,
  ) {}

  async handle(update: IncomingUpdate): Promise<void> {
    switch (update.kind) {
      case 'message':
        return this.onMessage(update);
      case 'edit':
        return this.onEdit(update);
      case 'press':
        return this.buttons.press(update, await this.admit(update.chat, update.person));
      case 'membership':
        return this.customers.setBlocked(update.chat.id, update.isBlocked);
      case 'migration':
        return this.customers.migrate(update.fromChatId, update.toChatId);
      case 'ignored':
        return;
    }
  }

  private async onMessage(update: MessageUpdate): Promise<void> {
    const admitted = await this.admit(update.chat, update.person);
    const command = update.command?.name ?? null;
    const isOurs = command !== null && Object.hasOwn(COMMANDS, command);
    await this.store(update, admitted, !isOurs);
    if (command !== null && isOurs)
      await this[COMMANDS[command as CommandName]](admitted, update.command?.argument ?? '');
  }

  private async store(update: MessageUpdate, admitted: AdmittedCustomer, asksAssistant: boolean): Promise<void> {
    const { customer, conversationId } = admitted;
    const { messageId, replyToMessageId } = update;
    const replied =
      replyToMessageId === null
        ? null
        : await this.channel.findByClientId(conversationId, customer.id, clientIdOf(replyToMessageId));
    await this.said.say({
      conversationId,
      customerId: customer.id,
      content: contentOf(update),
      clientMessageId: clientIdOf(messageId),
      replyToId: replied?.id ?? null,
      metadata: metadataOf(update),
      asksAssistant,
    });
  }

  private async onEdit(update: EditUpdate): Promise<void> {
    const { customer, conversationId } = await this.admit(update.chat, update.person);
    await this.said.edit({
      conversationId,
      customerId: customer.id,
      content: contentOf(update),
      clientMessageId: clientIdOf(update.messageId),
      // A live location is edited every few seconds.
      asksAnew: update.text !== '',
    });
  }

  private async start({ customer, conversationId, isNew }: AdmittedCustomer): Promise<void> {
    const texts = textsFor(customer.languageCode);
    const buttons = [{ text: texts.callHuman, data: CALL_HUMAN }];
    await this.channel.announce(conversationId, isNew ? texts.welcome : texts.welcomeBack, { buttons });
  }

  private async callHuman({ conversationId }: AdmittedCustomer, reason: string): Promise<void> {
    await this.desk.callHuman(conversationId, { by: 'command', reason: reason === '' ? null : reason });
  }

  private async toBot({ customer, conversationId }: AdmittedCustomer): Promise<void> {
    const texts = textsFor(customer.languageCode);
    const outcome = await this.choices.returnToAssistant(conversationId);
    await this.channel.announce(conversationId, outcome === 'held' ? texts.humanIsHere : texts.backToBot);
  }

  private async forget({ customer, conversationId }: AdmittedCustomer): Promise<void> {
    // The notice is part of what is forgotten.
    await this.channel.announce(conversationId, textsFor(customer.languageCode).forgotten);
    await this.choices.forget(conversationId);
  }

  private admit(chat: TelegramChat, person: TelegramPerson): Promise<AdmittedCustomer> {
    const { username, firstName, lastName, languageCode } = person;
    return this.customers.admit({
      telegramChatId: chat.id,
      telegramId: chat.isPrivate ? person.id : null,
      username: chat.isPrivate ? username : null,
      firstName: chat.isPrivate ? firstName : (chat.title ?? firstName),
      lastName: chat.isPrivate ? lastName : null,
      languageCode,
    });
  }
}

const COMMANDS = { start: 'start', operator: 'callHuman', bot: 'toBot', reset: 'forget' } as const;
type CommandName = keyof typeof COMMANDS;

/** The same message of Telegram is the same message here. */
const clientIdOf = (messageId: number): string => `tg:${messageId}`;

function contentOf({ text, attachment }: { text: string; attachment: Attachment | null }): string {
  return text !== '' || attachment === null ? text : describeAttachment(attachment);
}

function metadataOf({ messageId, attachment, command }: MessageUpdate): Record<string, unknown> {
  return {
    telegramMessageId: messageId,
    ...(attachment ? { attachment } : {}),
    ...(command ? { command } : {}),
  };
}
