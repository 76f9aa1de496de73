import { Injectable } from '@nestjs/common';
import { newId } from '../common/ids.js';
import { Prisma } from '../prisma/generated/client.js';
import { PrismaService } from '../prisma/prisma.service.js';
import type { CustomerRecord, TelegramPerson } from './customer.js';

const COLUMNS = Prisma.sql`
  id, telegram_chat_id::float8 AS "telegramChatId", telegram_id::float8 AS "telegramId", username,
  first_name AS "firstName", last_name AS "lastName", language_code AS "languageCode", is_blocked AS "isBlocked",
  created_at AS "createdAt", last_seen_at AS "lastSeenAt"`;

/** Customers of Telegram. */
@Injectable()
export class CustomersRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** Makes the customer of a Telegram chat or brings it up to date; of two that come at once, the second waits for the first. */
  async upsert(person: TelegramPerson): Promise<CustomerRecord & { isNew: boolean }> {
    const { telegramChatId, telegramId, username, firstName, lastName, languageCode } = person;
    const [row] = await this.prisma.db.$queryRaw<(CustomerRecord & { isNew: boolean })[]>`
      INSERT INTO customers AS c (id, telegram_chat_id, telegram_id, username, first_name, last_name, language_code)
      VALUES (${newId()}::uuid, ${telegramChatId}::bigint, ${telegramId}::bigint, ${username}, ${firstName}, ${lastName},
              ${languageCode})
      ON CONFLICT (telegram_chat_id) DO UPDATE
      SET telegram_id = coalesce(excluded.telegram_id, c.telegram_id), username = excluded.username,
          first_name = excluded.first_name, last_name = excluded.last_name,
          language_code = coalesce(excluded.language_code, c.language_code), is_blocked = false,
          last_seen_at = clock_timestamp()
      RETURNING ${COLUMNS}, xmax = 0 AS "isNew"`;
    return row as CustomerRecord & { isNew: boolean };
  }

  async find(id: string): Promise<CustomerRecord | null> {
    const [row] = await this.prisma.db.$queryRaw<CustomerRecord[]>`
      SELECT ${COLUMNS} FROM customers WHERE id = ${id}::uuid`;
    return row ?? null;
  }

  /** Whether that changed anything. */
  async setBlocked(telegramChatId: number, isBlocked: boolean): Promise<string | null> {
    const [row] = await this.prisma.db.$queryRaw<{ id: string }[]>`
      UPDATE customers SET is_blocked = ${isBlocked}
      WHERE telegram_chat_id = ${telegramChatId}::bigint AND is_blocked <> ${isBlocked} RETURNING id`;
    return row?.id ?? null;
  }

  /** Moves a customer to another Telegram chat, unless that one has a customer of its own. */
  async migrate(from: number, to: number): Promise<boolean> {
    const count = await this.prisma.db.$executeRaw`
      UPDATE customers SET telegram_chat_id = ${to}::bigint
      WHERE telegram_chat_id = ${from}::bigint
        AND NOT EXISTS (SELECT FROM customers WHERE telegram_chat_id = ${to}::bigint)`;
    return count === 1;
  }

  /** The conversation and support chat of a new customer. Returns their id. */
  async openChat(customerId: string): Promise<string> {
    const id = newId();
    await this.prisma.db.$executeRaw`
      WITH conversation AS (INSERT INTO conversations (id, kind) VALUES (${id}::uuid, 'telegram'))
      INSERT INTO support_chats (id, source, customer_id) VALUES (${id}::uuid, 'telegram', ${customerId}::uuid)`;
    return id;
  }

  /** The support chat of a customer and, if it is of Telegram, where its answers go. */
  async chatOf(customerId: string): Promise<string | null> {
    const row = await this.prisma.db.supportChat.findUnique({ where: { customerId }, select: { id: true } });
    return row?.id ?? null;
  }

  /** Who is on the other side of a conversation of Telegram. */
  async findByChat(chatId: string): Promise<CustomerRecord | null> {
    const [row] = await this.prisma.db.$queryRaw<CustomerRecord[]>`
      SELECT ${COLUMNS} FROM customers WHERE id = (SELECT customer_id FROM support_chats WHERE id = ${chatId}::uuid)`;
    return row ?? null;
  }
}
