import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import type { DomainEvents } from '../events/domain-events.js';
import { OnDomainEvent } from '../events/on-domain-event.js';
import { UnitOfWork } from '../prisma/unit-of-work.js';
import { AssignmentRepository } from './assignment.repository.js';
import { ChatTransitions } from './chat-transitions.service.js';

/** What another node, or a death in between, left undone is found after this long. */
const SWEEP_MS = 5_000;

/** Gives waiting chats to operators, if the server is told to (OPERATOR_AUTO_ASSIGN). One after another, so that the load is even. */
@Injectable()
export class AssignmentService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(AssignmentService.name);
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | null = null;
  private isAskedAgain = false;

  constructor(
    private readonly config: AppConfig,
    private readonly assignments: AssignmentRepository,
    private readonly transitions: ChatTransitions,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.config.env.OPERATOR_AUTO_ASSIGN) return;
    this.timer = setInterval(() => void this.assignWaiting(), SWEEP_MS).unref();
    void this.assignWaiting();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  /** A chat waits, or somebody has a hand free. */
  @OnDomainEvent('support-chat.status-changed')
  async onMoved({ status, previous }: DomainEvents['support-chat.status-changed']): Promise<void> {
    if (status === 'waiting' || previous.status === 'in_progress') await this.assignWaiting();
  }

  @OnDomainEvent('operator.status-changed')
  async onStatus({ status }: DomainEvents['operator.status-changed']): Promise<void> {
    if (status === 'online') await this.assignWaiting();
  }

  @OnDomainEvent('operator.updated')
  async onUpdated(_: DomainEvents['operator.updated']): Promise<void> {
    await this.assignWaiting();
  }

  /** Gives away what waits, as far as there are hands. Never throws. */
  async assignWaiting(): Promise<void> {
    if (!this.config.env.OPERATOR_AUTO_ASSIGN) return;
    this.isAskedAgain = true;
    this.running ??= this.unitOfWork.outside(() => this.run()).finally(() => (this.running = null));
    await this.running;
  }

  private async run(): Promise<void> {
    try {
      while (this.isAskedAgain) {
        this.isAskedAgain = false;
        while (await this.assignOne());
      }
    } catch (error) {
      this.logger.warn({ msg: 'Waiting chats could not be assigned; the next sweep tries again', err: error });
    }
  }

  private assignOne(): Promise<boolean> {
    return this.unitOfWork.run(async () => {
      const chatId = await this.assignments.nextWaiting();
      const operatorId = chatId && (await this.assignments.leastLoaded());
      if (!chatId || !operatorId || !(await this.transitions.assign(chatId, operatorId))) return false;
      await this.assignments.noteAssigned(operatorId);
      return true;
    });
  }
}
