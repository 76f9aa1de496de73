import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DatabaseClock } from '../prisma/database-clock.js';
import { LastSeenRepository } from './last-seen.repository.js';
import { PersonalDataRegistry } from './personal-data.registry.js';

/** When people were last here. */
@Injectable()
export class LastSeenService implements OnModuleInit {
  constructor(
    private readonly repository: LastSeenRepository,
    private readonly registry: PersonalDataRegistry,
    private readonly clock: DatabaseClock,
  ) {}

  onModuleInit(): void {
    this.registry.registerExportSection('presence', async (userId) => ({
      lastSeenAt: (await this.repository.find([userId])).get(userId) ?? null,
    }));
  }

  /** Notes for each person when that was, in milliseconds of the database's clock; a mark never moves back. One statement for all. */
  async record(seen: ReadonlyMap<string, number>): Promise<void> {
    if (seen.size === 0) return;
    const now = this.clock.now();
    await this.repository.record(
      [...seen.keys()],
      [...seen.values()].map((at) => Math.max(0, now - at)),
    );
  }

  /** Of those who were here at all. */
  find(userIds: readonly string[]): Promise<Map<string, Date>> {
    return userIds.length === 0 ? Promise.resolve(new Map<string, Date>()) : this.repository.find(userIds);
  }
}
