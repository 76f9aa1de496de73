import { Injectable, type PipeTransform } from '@nestjs/common';
import { AppError } from '../errors/app-error.js';
import type { ErrorCode } from '../errors/error-catalogue.js';
import { isUuid } from '../ids.js';

/** A path id. What is no id at all cannot exist, so it gets the same answer as an absent one. */
@Injectable()
export class IdPipe implements PipeTransform<string, string> {
  constructor(private readonly absent: ErrorCode = 'NOT_FOUND') {}

  transform(value: string): string {
    if (!isUuid(value)) throw new AppError(this.absent);
    return value.toLowerCase();
  }
}
