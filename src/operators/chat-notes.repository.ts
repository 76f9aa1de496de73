import { Injectable } from '@nestjs/common';
import { newId } from '../common/ids.js';
import { PrismaService } from '../prisma/prisma.service.js';
import type { ChatNote } from './chat-note.js';

/** Notes about chats; never sent out. */
@Injectable()
export class ChatNotesRepository {
  constructor(private readonly prisma: PrismaService) {}

  add(chatId: string, authorId: string | null, text: string): Promise<ChatNote> {
    return this.prisma.db.chatNote.create({ data: { id: newId(), chatId, authorId, text } });
  }

  /** The oldest first. */
  list(chatId: string, limit: number): Promise<ChatNote[]> {
    return this.prisma.db.chatNote.findMany({ where: { chatId }, orderBy: { id: 'asc' }, take: limit });
  }
}
