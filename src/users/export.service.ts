import { Injectable } from '@nestjs/common';
import type { Actor } from '../common/actor.js';
import { PersonalDataRegistry, type ExportSection } from './personal-data.registry.js';
import { UsersService } from './users.service.js';

/** Gives people everything that is kept about them. */
@Injectable()
export class ExportService {
  constructor(
    private readonly users: UsersService,
    private readonly registry: PersonalDataRegistry,
  ) {}

  /** One JSON document, piece by piece: it may be larger than memory. @throws AppError USER_NOT_FOUND before the first piece */
  async export(actor: Actor): Promise<AsyncIterable<string>> {
    const { isActive: _, ...profile } = await this.users.get(actor.userId);
    return document({ exportedAt: new Date(), profile }, this.registry.exportSections, actor.userId);
  }
}

async function* document(
  head: object,
  sections: Iterable<[string, ExportSection]>,
  userId: string,
): AsyncGenerator<string> {
  yield JSON.stringify(head).slice(0, -1);
  for (const [name, section] of sections) {
    yield `,${JSON.stringify(name)}:`;
    const content = section(userId);
    if (Symbol.asyncIterator in content) yield* list(content);
    else yield JSON.stringify((await content) ?? null);
  }
  yield '}';
}

async function* list(rows: AsyncIterable<unknown>): AsyncGenerator<string> {
  let separator = '[';
  for await (const row of rows) {
    yield separator + JSON.stringify(row);
    separator = ',';
  }
  yield separator === '[' ? '[]' : ']';
}
