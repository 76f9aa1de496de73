import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Actor } from '../common/actor.js';
import { AppError } from '../common/errors/app-error.js';
import type { Page } from '../common/pagination/page.js';
import { DomainEventBus } from '../events/domain-event-bus.js';
import { GroupsService } from '../groups/groups.service.js';
import { PersonalDataRegistry } from '../users/personal-data.registry.js';
import { ModelDefaults, type EffectiveModel } from './model-defaults.js';
import { OwnerCache } from './owner-cache.js';
import { toTitle } from './session-title.js';
import type {
  AnswerSettings,
  NewSession,
  SessionChanges,
  SessionFilter,
  SessionRecord,
  SessionView,
} from './session.js';
import { SessionsRepository, type ListedSession } from './sessions.repository.js';

/** AI sessions; everybody has their own and sees no others. */
@Injectable()
export class SessionsService implements OnModuleInit {
  private readonly owners = new OwnerCache();

  constructor(
    private readonly sessions: SessionsRepository,
    private readonly groups: GroupsService,
    private readonly models: ModelDefaults,
    private readonly events: DomainEventBus,
    private readonly personalData: PersonalDataRegistry,
  ) {}

  onModuleInit(): void {
    this.personalData.registerErasureStep('sessions', (userId) => this.removeAllOf(userId));
    this.personalData.registerExportSection('sessions', (userId) => this.allOf(userId));
  }

  /** @throws AppError INVALID_CURSOR */
  async list(
    actor: Actor,
    filter: SessionFilter,
    page: { limit: number; cursor?: string },
  ): Promise<Page<SessionView>> {
    const found = await this.sessions.list(actor.userId, filter, page);
    return found.map((listed) => this.view(listed));
  }

  /** The sessions of one group. @throws AppError GROUP_NOT_FOUND, INVALID_CURSOR */
  async listOfGroup(
    actor: Actor,
    groupId: string,
    filter: Omit<SessionFilter, 'groupId'>,
    page: { limit: number; cursor?: string },
  ): Promise<Page<SessionView>> {
    await this.groups.getOwned(actor, groupId);
    return this.list(actor, { ...filter, groupId }, page);
  }

  /** @throws AppError SESSION_NOT_FOUND when there is none or it is somebody else's */
  async get(actor: Actor, sessionId: string): Promise<SessionView> {
    const listed = await this.sessions.findListed(actor.userId, sessionId);
    if (!listed) throw new AppError('SESSION_NOT_FOUND');
    return this.view(listed);
  }

  /** The session as it is stored. @throws AppError SESSION_NOT_FOUND when there is none or it is somebody else's */
  async getOwned(actor: Pick<Actor, 'userId'>, sessionId: string): Promise<SessionRecord> {
    const session = await this.sessions.find(sessionId);
    if (session?.ownerId !== actor.userId) throw new AppError('SESSION_NOT_FOUND');
    return session;
  }

  /**
   * Fit for every message and page: mostly answered from memory. A session that another node has just deleted may pass for
   * half a minute, so a write must still expect it to be gone.
   * @throws AppError SESSION_NOT_FOUND when there is none or it is somebody else's
   */
  async assertOwner(userId: string, sessionId: string): Promise<void> {
    const ownerId = await this.owners.getOrLoad(
      sessionId,
      async () => (await this.sessions.find(sessionId))?.ownerId ?? null,
    );
    if (ownerId !== userId) throw new AppError('SESSION_NOT_FOUND');
  }

  /** @throws AppError GROUP_NOT_FOUND, MODEL_UNKNOWN, PROVIDER_UNKNOWN */
  async create(actor: Actor, input: NewSession): Promise<SessionView> {
    const model = this.chosenModel(input.provider, input.model);
    const groupId = input.groupId ?? null;
    if (groupId !== null) await this.groups.getOwned(actor, groupId);
    const session = await this.sessions.create({
      ownerId: actor.userId,
      title: input.title ?? null,
      model: model?.model ?? null,
      provider: model?.provider ?? null,
      systemPrompt: input.systemPrompt ?? null,
      groupId,
    });
    this.events.publish('session.created', { sessionId: session.id, ownerId: session.ownerId });
    return this.view({ session, lastMessage: null });
  }

  /** @throws AppError SESSION_NOT_FOUND, GROUP_NOT_FOUND, MODEL_UNKNOWN, PROVIDER_UNKNOWN */
  async update(actor: Actor, sessionId: string, changes: SessionChanges): Promise<SessionView> {
    const { model, provider, groupId, ...plain } = changes;
    const before = await this.getOwned(actor, sessionId);
    if (groupId != null) await this.groups.getOwned(actor, groupId);
    const isModelGiven = model !== undefined || provider !== undefined;
    const update = {
      ...plain,
      ...(groupId === undefined ? {} : { groupId }),
      ...(isModelGiven ? { model: this.chosenModel(provider, model) } : {}),
    };
    if (Object.values(update).some((value) => value !== undefined)) {
      if (!(await this.sessions.update(actor.userId, sessionId, update))) throw new AppError('SESSION_NOT_FOUND');
      this.events.publish('session.updated', { sessionId, ownerId: before.ownerId });
    }
    return this.get(actor, sessionId);
  }

  /** What the assistant goes by in a session, whoever asks. @throws AppError SESSION_NOT_FOUND when it is gone */
  async getAnswerSettings(sessionId: string): Promise<AnswerSettings> {
    const settings = await this.sessions.findAnswerSettings(sessionId);
    if (!settings) throw new AppError('SESSION_NOT_FOUND');
    return settings;
  }

  /** Names a session that has no title yet; `title` may be any text. */
  async setTitleIfUntitled(sessionId: string, title: string): Promise<void> {
    const line = toTitle(title);
    if (line === null) return;
    const ownerId = await this.sessions.setTitleIfNone(sessionId, line);
    if (ownerId !== null) this.events.publish('session.updated', { sessionId, ownerId });
  }

  /** Deletes it with all its messages. @throws AppError SESSION_NOT_FOUND */
  async remove(actor: Actor, sessionId: string): Promise<void> {
    if (!(await this.sessions.remove(actor.userId, sessionId))) throw new AppError('SESSION_NOT_FOUND');
    this.events.publish('session.deleted', { sessionId, ownerId: actor.userId });
  }

  /** All sessions of a person, archived ones too, the oldest first. */
  async *allOf(ownerId: string): AsyncGenerator<Omit<SessionRecord, 'ownerId'>> {
    for await (const { ownerId: _, ...session } of this.sessions.allOf(ownerId)) yield session;
  }

  /** For when a session is gone. */
  forgetOwner(sessionId: string): void {
    this.owners.forget(sessionId);
  }

  /** For when sessions may be gone that nobody told of. */
  forgetOwners(): void {
    this.owners.forgetAll();
  }

  private async removeAllOf(ownerId: string): Promise<void> {
    for (const sessionId of await this.sessions.removeAllOf(ownerId))
      this.events.publish('session.deleted', { sessionId, ownerId });
  }

  /** Both parts of what was chosen, so that a later default cannot pair a model with another provider; null for the default. */
  private chosenModel(provider?: string | null, model?: string | null): EffectiveModel | null {
    return provider == null && model == null ? null : this.models.resolve(provider, model);
  }

  private view({ session, lastMessage }: ListedSession): SessionView {
    const { id, title, groupId, isFavorite, archivedAt, createdAt, updatedAt } = session;
    const { model, provider } =
      session.model !== null && session.provider !== null
        ? { model: session.model, provider: session.provider }
        : this.models.resolve();
    return {
      id,
      title,
      model,
      provider,
      groupId,
      isFavorite,
      isArchived: archivedAt !== null,
      ...(lastMessage ? { lastMessage } : {}),
      createdAt,
      updatedAt,
    };
  }
}
