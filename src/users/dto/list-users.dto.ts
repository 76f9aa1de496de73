import { IsOptional } from 'class-validator';
import { PageQueryDto } from '../../common/pagination/page-query.dto.js';
import { IsText } from '../../common/validation/text.js';

export class ListUsersQueryDto extends PageQueryDto {
  /** Part of a name, two characters or more. Without it: everybody, for admins only. */
  @IsOptional()
  @IsText({ min: 2, max: 100 })
  search?: string;
}
