import { IsText } from '../../common/validation/text.js';

export const MAX_GROUP_NAME = 100;

export class CreateGroupDto {
  /** @example "Holiday plans" */
  @IsText({ max: MAX_GROUP_NAME })
  name: string;
}
