import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { DomainEventBus } from '../events/domain-event-bus.js';
import { AnswerEndings } from './answer-endings.service.js';
import { DistantTexts } from './distant-texts.service.js';
import { GenerationsRepository, type GenerationRow } from './generations.repository.js';

/** A node that is asked to end an answer has stored the end within this time, or is taken for dead. */
const PATIENCE_MS = 1_500;
const POLL_MS = 20;
/** It may have begun this very moment, and not heard of its run yet. */
const REPEAT_MS = 200;

/** Ends answers that other nodes write: only the writer has the whole text and the provider's connection. */
@Injectable()
export class DistantAnswers {
  constructor(
    private readonly config: AppConfig,
    private readonly generations: GenerationsRepository,
    private readonly events: DomainEventBus,
    private readonly endings: AnswerEndings,
    private readonly texts: DistantTexts,
  ) {}

  /** Ends the answer and waits until that is stored: by the node that writes it, or here when that one cannot be asked. */
  async end(row: GenerationRow, reason: 'stopped' | 'superseded'): Promise<void> {
    if (await this.isEndedByWriter(row, reason)) return;
    await this.endings.endOrphan(this.texts.withLatest(row), 'stopped', null);
  }

  private async isEndedByWriter(row: GenerationRow, reason: 'stopped' | 'superseded'): Promise<boolean> {
    const { conversationId, messageId } = row;
    if (!this.events.reachesOthers || row.nodeId === this.config.nodeId) return false;
    const giveUpAt = performance.now() + PATIENCE_MS;
    let askAt = 0;
    while (performance.now() < giveUpAt && this.events.reachesOthers) {
      if (performance.now() >= askAt) {
        askAt = performance.now() + REPEAT_MS;
        this.events.publish('answer.stop', { conversationId, messageId, reason });
      }
      await sleep(POLL_MS);
      if ((await this.generations.findRunning(conversationId))?.id !== row.id) return true;
    }
    return false;
  }
}
