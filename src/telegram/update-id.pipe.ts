import { Injectable, type PipeTransform } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';

/** The number of an update in a path. What is no number cannot exist, so it gets the same answer as an absent one. */
@Injectable()
export class UpdateIdPipe implements PipeTransform<string, number> {
  transform(value: string): number {
    const updateId = Number(value);
    if (!/^\d{1,16}$/.test(value) || !Number.isSafeInteger(updateId)) throw new AppError('DEAD_LETTER_NOT_FOUND');
    return updateId;
  }
}
