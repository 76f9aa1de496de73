import { Injectable } from '@nestjs/common';

/** Removes what one feature knows about a person. Runs in the transaction of the erasure. */
export type ErasureStep = (userId: string) => Promise<void>;

/** What one feature knows about a person: a value, or rows one by one when there can be many. */
export type ExportSection = (userId: string) => AsyncIterable<unknown> | Promise<unknown>;

/** Where features above say what they keep about people; called at start (`onModuleInit`). */
@Injectable()
export class PersonalDataRegistry {
  private readonly steps = new Map<string, ErasureStep>();
  private readonly sections = new Map<string, ExportSection>();

  registerErasureStep(name: string, step: ErasureStep): void {
    this.steps.set(name, step);
  }

  /** `name` becomes a key of the exported document. */
  registerExportSection(name: string, section: ExportSection): void {
    this.sections.set(name, section);
  }

  get erasureSteps(): Iterable<ErasureStep> {
    return this.steps.values();
  }

  get exportSections(): Iterable<[name: string, section: ExportSection]> {
    return this.sections.entries();
  }
}
