import { Injectable } from '@nestjs/common';
import { BoundedMap } from '../common/limits/bounded-map.js';
import type { AnswerRun } from './answer-run.js';

/** Runs that were silenced before they began here; they begin within moments or never. */
const MOST_SILENCED = 1000;

/** The answers that this node is writing, at most one a conversation. */
@Injectable()
export class RunningAnswers {
  private readonly byConversation = new Map<string, AnswerRun>();
  private readonly silenced = new BoundedMap<string, true>(MOST_SILENCED);

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
    if (this.silenced.get(run.plan.generationId)) run.stop('silenced');
  }

  /** Ends a run without another word, even if it is only about to begin. Returns it, if it has begun here. */
  silence(conversationId: string, generationId: string): AnswerRun | null {
    this.silenced.set(generationId, true);
    const run = this.find(conversationId);
    if (run?.plan.generationId !== generationId) return null;
    run.stop('silenced');
    return run;
  }

  remove(run: AnswerRun): void {
    if (this.byConversation.get(run.plan.conversationId) === run) this.byConversation.delete(run.plan.conversationId);
  }
}
