import { IsOptional, Matches } from 'class-validator';
import { IsMessageText, IsText } from '../../../common/validation/text.js';
import { LeaveOutUnknownKeys } from '../../../common/validation/unknown-keys.js';

@LeaveOutUnknownKeys()
export class ApiV1StreamQueryDto {
  /** What to ask; 1…10 000 UTF-16 units, not blank. */
  @IsMessageText()
  message: string;

  /** Makes a repetition harmless: it is not asked again, its answer is streamed. Frames then carry an `id`. */
  @IsOptional()
  @IsText({ max: 255 })
  request_id?: string;

  /** With `request_id`: the `id` of the last frame that was read; only what follows is told. `Last-Event-ID` does the same. */
  @IsOptional()
  @Matches(/^\d{1,9}$/, { message: 'since must be the id of a frame' })
  since?: string;
}
