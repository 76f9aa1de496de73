import { Injectable } from '@nestjs/common';
import type { Actor } from '../common/actor.js';
import { AppError } from '../common/errors/app-error.js';
import type { CannedReply, CannedReplyChanges } from './canned-reply.js';
import { CannedRepliesRepository } from './canned-replies.repository.js';

/** Answers that all operators share. */
@Injectable()
export class CannedReplies {
  constructor(private readonly replies: CannedRepliesRepository) {}

  list(): Promise<CannedReply[]> {
    return this.replies.list();
  }

  /** @throws AppError CANNED_REPLY_NOT_FOUND */
  async get(id: string): Promise<CannedReply> {
    return found(await this.replies.find(id));
  }

  /** @throws AppError SHORTCUT_TAKEN */
  create(actor: Actor, reply: { title: string; text: string; shortcut?: string | null }): Promise<CannedReply> {
    const { title, text, shortcut = null } = reply;
    return this.replies.create(actor.userId, { title, text, shortcut });
  }

  /** @throws AppError CANNED_REPLY_NOT_FOUND, SHORTCUT_TAKEN */
  async update(id: string, changes: CannedReplyChanges): Promise<CannedReply> {
    return found(await this.replies.update(id, changes));
  }

  /** @throws AppError CANNED_REPLY_NOT_FOUND */
  async remove(id: string): Promise<void> {
    if (!(await this.replies.remove(id))) throw new AppError('CANNED_REPLY_NOT_FOUND');
  }
}

function found(reply: CannedReply | null): CannedReply {
  if (!reply) throw new AppError('CANNED_REPLY_NOT_FOUND');
  return reply;
}
