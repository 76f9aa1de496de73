import { IsIn, IsOptional } from 'class-validator';
import { ANSWER_MODES, type AnswerMode } from '../google/google-answer.js';

export class GoogleStartDto {
  /** Where the redirect back carries the tokens; default as the server is configured. */
  @IsOptional()
  @IsIn(ANSWER_MODES)
  mode?: AnswerMode;
}
