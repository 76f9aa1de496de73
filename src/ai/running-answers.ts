import { Injectable } from '@nestjs/common';
import type { AnswerRun } from './answer-run.js';

/** The answers that this node is writing, at most one a conversation. */
@Injectable()
export class RunningAnswers {
  private readonly byConversation = new Map<string, AnswerRun>();

  get size(): number {
    return this.byConversation.size;
  }

  find(conversationId: string): AnswerRun | null {
    return this.byConversation.get(conversationId) ?? null;
  }

  all(): AnswerRun[] {
    return [...this.byConversation.values()];
  }

  add(run: AnswerRun): void {
    this.byConversation.set(run.plan.conversationId, run);
  }

  remove(run: AnswerRun): void {
    if (this.byConversation.get(run.plan.conversationId) === run) this.byConversation.delete(run.plan.conversationId);
  }
}
