import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { ReadinessState } from '../health/readiness-state.js';
import { AnswerEndings } from './answer-endings.service.js';
import { AnswersService } from './answers.service.js';
import type { AnswerRun } from './answer-run.js';
import { GenerationsRepository } from './generations.repository.js';
import { RunningAnswers } from './running-answers.js';

/** A checkpoint is never older than this while the database answers. */
const CHECKPOINT_MS = 400;
const SWEEP_MS = 2_000;
/** An owed answer that nobody began after this long belongs to a node that died. */
const OVERDUE_MS = 3_000;
const SWEEP_BATCH = 50;
/** How often an answer that its node took along is begun, where it may be begun again with some of it written. */
const MOST_ATTEMPTS = 5;

/**
 * Keeps answers safe from dying nodes: saves their texts, prolongs their leases, ends the ones whose lease ran out and
 * begins the ones that were owed and never begun.
 */
@Injectable()
export class AnswerUpkeep implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(AnswerUpkeep.name);
  private checkpointTimer: NodeJS.Timeout | undefined;
  private sweepTimer: NodeJS.Timeout | undefined;
  private isSaving = false;
  private isSweeping = false;
  private lastRenewal = 0;

  constructor(
    private readonly config: AppConfig,
    private readonly generations: GenerationsRepository,
    private readonly running: RunningAnswers,
    private readonly answers: AnswersService,
    private readonly endings: AnswerEndings,
    private readonly readiness: ReadinessState,
  ) {}

  onApplicationBootstrap(): void {
    this.checkpointTimer = setInterval(() => void this.checkpoint(), CHECKPOINT_MS).unref();
    this.sweepTimer = setInterval(() => void this.sweep(), SWEEP_MS).unref();
    void this.sweep();
  }

  onModuleDestroy(): void {
    clearInterval(this.checkpointTimer);
    clearInterval(this.sweepTimer);
  }

  /** Saves what texts grew by, in one statement, and renews the leases of all runs in time. */
  async checkpoint(): Promise<void> {
    if (this.isSaving) return;
    const leaseMs = this.config.env.AI_LEASE_MS;
    const now = performance.now();
    const isRenewal = now - this.lastRenewal > leaseMs / 3;
    const runs = this.running.all().filter((run) => isRenewal || run.content.length > run.saved.length);
    this.isSaving = true;
    try {
      if (runs.length > 0) await this.save(runs, isRenewal ? leaseMs : null);
      if (isRenewal) this.lastRenewal = now;
    } catch (error) {
      this.logger.warn({ msg: 'Checkpoint failed; the next one will hold it', err: error });
    } finally {
      this.isSaving = false;
    }
  }

  /** Ends orphans and begins what is overdue. */
  async sweep(): Promise<void> {
    if (this.isSweeping || this.readiness.isDraining) return;
    this.isSweeping = true;
    try {
      const alive = this.running.all().map((run) => run.plan.generationId);
      for (const row of await this.generations.expired(alive, SWEEP_BATCH)) await this.endExpired(row);
      for (const conversationId of await this.generations.overdue(OVERDUE_MS, SWEEP_BATCH))
        await this.answers.answerIfDue(conversationId);
    } catch (error) {
      this.logger.warn({ msg: 'Sweep failed', err: error });
    } finally {
      this.isSweeping = false;
    }
  }

  private async save(runs: AnswerRun[], leaseMs: number | null): Promise<void> {
    const pieces = runs.map(({ content, saved, plan }) => ({
      id: plan.generationId,
      from: saved.characters,
      piece: content.length > saved.length ? content.slice(saved.length) : null,
    }));
    const alive = await this.generations.checkpoint(pieces, this.config.nodeId, leaseMs);
    runs.forEach((run, index) => {
      const { from, piece } = pieces[index]!;
      if (piece !== null)
        run.saved = { length: run.saved.length + piece.length, characters: from + countCharacters(piece) };
      // Somebody else ended it or goes on with it: another node's stop, a take-over, a deletion.
      if (!alive.has(run.plan.generationId)) run.stop('lost');
    });
  }

  private async endExpired(row: Awaited<ReturnType<GenerationsRepository['expired']>>[number]): Promise<void> {
    // In Telegram nobody keeps a text that broke off, and nobody can ask for it again: there it is written anew.
    const isRestart = row.kind === 'telegram' ? row.attempt < MOST_ATTEMPTS : row.text === '' && row.attempt === 1;
    if (isRestart) await this.answers.restart(row);
    else await this.endings.endOrphan(row, 'interrupted', 'AI_INTERRUPTED');
  }
}

function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
