import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Actor } from '../common/actor.js';
import { AppError } from '../common/errors/app-error.js';
import { MAX_PAGE_SIZE, type Page } from '../common/pagination/page.js';
import { PersonalDataRegistry } from '../users/personal-data.registry.js';
import type { Group } from './group.js';
import { GroupsRepository } from './groups.repository.js';

/** Folders of sessions; everybody has their own and sees no others. */
@Injectable()
export class GroupsService implements OnModuleInit {
  constructor(
    private readonly groups: GroupsRepository,
    private readonly personalData: PersonalDataRegistry,
  ) {}

  onModuleInit(): void {
    this.personalData.registerErasureStep('groups', (userId) => this.groups.removeAllOf(userId));
    this.personalData.registerExportSection('groups', (userId) => this.allOf(userId));
  }

  /** @throws AppError INVALID_CURSOR */
  list(actor: Actor, page: { limit: number; cursor?: string }): Promise<Page<Group>> {
    return this.groups.list(actor.userId, page.limit, page.cursor);
  }

  /** @throws AppError GROUP_NOT_FOUND when there is none or it is somebody else's */
  async getOwned(actor: Actor, groupId: string): Promise<Group> {
    const group = await this.groups.find(actor.userId, groupId);
    if (!group) throw new AppError('GROUP_NOT_FOUND');
    return group;
  }

  create(actor: Actor, input: { name: string }): Promise<Group> {
    return this.groups.create(actor.userId, input.name);
  }

  /** @throws AppError GROUP_NOT_FOUND */
  async update(actor: Actor, groupId: string, changes: { name?: string }): Promise<Group> {
    if (changes.name !== undefined) await this.groups.rename(actor.userId, groupId, changes.name);
    return this.getOwned(actor, groupId);
  }

  /** Its sessions stay, without a group. @throws AppError GROUP_NOT_FOUND */
  async remove(actor: Actor, groupId: string): Promise<void> {
    if (!(await this.groups.remove(actor.userId, groupId))) throw new AppError('GROUP_NOT_FOUND');
  }

  private async *allOf(userId: string): AsyncGenerator<Group> {
    let cursor: string | null | undefined;
    do {
      const page: Page<Group> = await this.groups.list(userId, MAX_PAGE_SIZE, cursor ?? undefined);
      yield* page.items;
      cursor = page.nextCursor;
    } while (cursor !== null);
  }
}
