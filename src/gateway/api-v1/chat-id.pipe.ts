import { Injectable, type PipeTransform } from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import { isUuid } from '../../common/ids.js';

/** The id of a chat in a path; unlike the native doors this dialect tells what is no id from what is absent. */
@Injectable()
export class ChatIdPipe implements PipeTransform<string, string> {
  transform(value: string): string {
    if (!isUuid(value)) throw new AppError('VALIDATION_FAILED', { message: 'Invalid session ID' });
    return value.toLowerCase();
  }
}
