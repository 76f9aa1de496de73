import { IsBoolean, ValidateIf } from 'class-validator';
import { IfPresent } from '../../common/validation/if-present.js';
import { IsId, IsText } from '../../common/validation/text.js';
import { MAX_TITLE_LENGTH } from '../session-title.js';
import { MAX_MODEL_NAME } from './create-session.dto.js';

/** A field that is left alone when absent and emptied by null. */
const IfGiven = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined && value !== null);

/** What is left out stays as it is. */
export class UpdateSessionDto {
  @IfPresent()
  @IsText({ max: MAX_TITLE_LENGTH })
  title?: string;

  @IfPresent()
  @IsBoolean()
  isFavorite?: boolean;

  /** null: out of its group. */
  @IfGiven()
  @IsId()
  groupId?: string | null;

  /** One of `GET /ai/models`; null: the server's default. */
  @IfGiven()
  @IsText({ max: MAX_MODEL_NAME })
  model?: string | null;

  /** Needed only where two providers offer the same model. */
  @IfPresent()
  @IsText({ max: MAX_MODEL_NAME })
  provider?: string;

  @IfPresent()
  @IsBoolean()
  archived?: boolean;
}

export class SetFavoriteDto {
  @IsBoolean()
  isFavorite: boolean;
}

export class SetGroupDto {
  /** null: out of its group. */
  @ValidateIf((_, value) => value !== null)
  @IsId()
  groupId: string | null;
}
