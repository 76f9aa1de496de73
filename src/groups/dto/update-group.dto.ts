import { IfPresent } from '../../common/validation/if-present.js';
import { IsText } from '../../common/validation/text.js';
import { MAX_GROUP_NAME } from './create-group.dto.js';

export class UpdateGroupDto {
  /** @example "Holiday plans" */
  @IfPresent()
  @IsText({ max: MAX_GROUP_NAME })
  name?: string;
}
