import { Injectable, type PipeTransform } from '@nestjs/common';
import { AppError } from '../errors/app-error.js';
import { toEmoji } from './emoji.js';

/** An emoji in a path, in its full form. */
@Injectable()
export class EmojiPipe implements PipeTransform<string, string> {
  transform(value: string): string {
    const emoji = toEmoji(value);
    if (emoji !== null) return emoji;
    const problem = 'emoji must be one emoji';
    throw new AppError('VALIDATION_FAILED', { message: problem, details: [{ field: 'emoji', problems: [problem] }] });
  }
}
