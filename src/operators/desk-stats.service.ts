import { Injectable, type OnModuleInit } from '@nestjs/common';
import { MetricsService } from '../metrics/metrics.service.js';
import { DeskStatsRepository, type StatsRow } from './desk-stats.repository.js';
import { OperatorsRepository } from './operators.repository.js';

/** Numbers of some chats. Times are averages in seconds, null when there is nothing to average. */
export interface ChatNumbers {
  chats: number;
  closed: number;
  /** From the call for a human to the first answer of one. */
  responseSeconds: number | null;
  /** From the call for a human to the close. */
  resolutionSeconds: number | null;
  rating: number | null;
  /** First answers that were late. */
  breaches: number;
}

export interface DeskStats extends ChatNumbers {
  byStatus: Record<StatsRow['status'], number>;
  activeOperators: number;
  operators: (ChatNumbers & { id: string; name: string | null; inProgress: number })[];
}

/** How the desk does. */
@Injectable()
export class DeskStatsService implements OnModuleInit {
  constructor(
    private readonly stats: DeskStatsRepository,
    private readonly operators: OperatorsRepository,
    private readonly metrics: MetricsService,
  ) {}

  onModuleInit(): void {
    this.metrics.watchDesk(async () => ({
      ...(await this.stats.open()),
      activeOperators: await this.stats.activeOperators(),
    }));
  }

  async read(): Promise<DeskStats> {
    const rows = await this.stats.sums();
    const byStatus = { bot: 0, waiting: 0, in_progress: 0, closed: 0 };
    for (const { status, chats } of rows) byStatus[status] += chats;
    const operators = await this.operators.list();
    return {
      ...numbersOf(rows),
      byStatus,
      activeOperators: await this.stats.activeOperators(),
      operators: operators.map(({ id, name, activeChats }) => ({
        id,
        name,
        inProgress: activeChats,
        ...numbersOf(rows.filter(({ operatorId }) => operatorId === id)),
      })),
    };
  }
}

function numbersOf(rows: readonly StatsRow[]): ChatNumbers {
  const sum = (key: Exclude<keyof StatsRow, 'status' | 'operatorId'>) => rows.reduce((all, row) => all + row[key], 0);
  const average = (total: number, count: number) => (count === 0 ? null : Math.round((total / count) * 1000) / 1000);
  const closed = rows.filter(({ status }) => status === 'closed').reduce((all, { chats }) => all + chats, 0);
  return {
    chats: sum('chats'),
    closed,
    responseSeconds: average(sum('responseSeconds'), sum('responses')),
    resolutionSeconds: average(sum('resolutionSeconds'), sum('resolutions')),
    rating: average(sum('ratingSum'), sum('ratings')),
    breaches: sum('breaches'),
  };
}
