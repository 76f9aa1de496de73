import { IsOptional } from 'class-validator';
import { IsText } from '../../common/validation/text.js';

export class RefreshDto {
  /** The refresh token, unless it is sent as Bearer. */
  @IsOptional()
  @IsText({ max: 512 })
  refreshToken?: string;
}
