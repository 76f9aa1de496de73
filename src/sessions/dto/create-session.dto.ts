import { IsOptional } from 'class-validator';
import { IsId, IsText, MAX_MESSAGE_LENGTH } from '../../common/validation/text.js';
import { MAX_TITLE_LENGTH } from '../session-title.js';

export const MAX_MODEL_NAME = 200;

export class CreateSessionDto {
  /** Left out, the session is named after its first exchange. */
  @IsOptional()
  @IsText({ max: MAX_TITLE_LENGTH })
  title?: string | null;

  @IsOptional()
  @IsId()
  groupId?: string | null;

  /** One of `GET /ai/models`; left out, the server's default answers. */
  @IsOptional()
  @IsText({ max: MAX_MODEL_NAME })
  model?: string | null;

  @IsOptional()
  @IsText({ max: MAX_MODEL_NAME })
  provider?: string | null;

  /** What the assistant is told before the conversation. */
  @IsOptional()
  @IsText({ max: MAX_MESSAGE_LENGTH })
  systemPrompt?: string | null;
}
