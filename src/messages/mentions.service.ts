import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ChatRoomsService } from '../chat-rooms/chat-rooms.service.js';
import { ReceiptsService } from '../chat-rooms/receipts.service.js';
import type { Actor } from '../common/actor.js';
import { Page, decodeIdCursor, toPage } from '../common/pagination/page.js';
import type { MessageRecord } from '../events/domain-events.js';
import { PersonalDataRegistry } from '../users/personal-data.registry.js';
import { displayName } from '../users/user.js';
import { hasMentions, mentionedIn } from './mentioned-names.js';
import { MentionsRepository } from './mentions.repository.js';

/** `@name` in rooms. Names become ids when a text is stored, so that it does no harm when people are called otherwise later. */
@Injectable()
export class MentionsService implements OnModuleInit {
  constructor(
    private readonly rooms: ChatRoomsService,
    private readonly receipts: ReceiptsService,
    private readonly mentions: MentionsRepository,
    private readonly personalData: PersonalDataRegistry,
  ) {}

  onModuleInit(): void {
    this.personalData.registerErasureStep('mentions', (userId) => this.mentions.forget(userId));
  }

  /** The people in the room whom a text of `writerId` names, the writer excepted. */
  async namedIn(roomId: string, content: string, writerId: string | null): Promise<string[]> {
    if (!hasMentions(content)) return [];
    const people = await this.rooms.peopleIn(roomId);
    const others = people.filter(({ id }) => id !== writerId);
    return mentionedIn(
      content,
      others.map((user) => ({
        userId: user.id,
        names: [displayName(user), [user.firstName, user.lastName].filter(Boolean).join(' '), user.username ?? ''],
        shortName: user.firstName,
      })),
    );
  }

  /** Notes whom an edited message names. */
  replace(messageId: string, userIds: readonly string[]): Promise<void> {
    return this.mentions.replace(messageId, userIds);
  }

  /** Messages that name the actor, of the rooms that the actor is in, newest first. @throws AppError INVALID_CURSOR */
  async list(actor: Actor, { limit, cursor }: { limit: number; cursor?: string }): Promise<Page<MessageRecord>> {
    const before = cursor === undefined ? null : decodeIdCursor(cursor);
    const page = toPage(await this.mentions.list(actor.userId, before, limit + 1), limit, ({ id }) => [id]);
    return new Page(await this.receipts.withReadMarks(page.items), page.nextCursor);
  }
}
