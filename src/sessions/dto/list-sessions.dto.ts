import { Transform } from 'class-transformer';
import { IsBoolean, IsOptional } from 'class-validator';
import { PageQueryDto } from '../../common/pagination/page-query.dto.js';
import { IsId, IsText } from '../../common/validation/text.js';

const MAX_SEARCH_LENGTH = 200;

/** `true` or `false` of a query; anything else is left for the validator to refuse. */
const FromQuery = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value));

/** Which sessions of a group. */
export class ListGroupSessionsDto extends PageQueryDto {
  /** Text of a title or of a message; blank for any. */
  @IsOptional()
  @IsText({ min: 0, max: MAX_SEARCH_LENGTH })
  search?: string;

  /** The archived ones instead of the others. */
  @IsOptional()
  @FromQuery()
  @IsBoolean()
  archived: boolean = false;

  /** Only favourites, or only the others. */
  @IsOptional()
  @FromQuery()
  @IsBoolean()
  favorite?: boolean;
}

/** Which sessions. */
export class ListSessionsDto extends ListGroupSessionsDto {
  /** Only those of this group. */
  @IsOptional()
  @IsId()
  groupId?: string;
}
