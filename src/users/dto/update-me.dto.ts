import { IsOptional, IsUrl } from 'class-validator';
import { IsText } from '../../common/validation/text.js';

const MAX_NAME_LENGTH = 100;

/** What is left out stays as it is; null empties it. */
export class UpdateMeDto {
  /** The name that others see. */
  @IsOptional()
  @IsText({ max: MAX_NAME_LENGTH })
  name?: string | null;

  @IsOptional()
  @IsText({ max: MAX_NAME_LENGTH })
  firstName?: string | null;

  @IsOptional()
  @IsText({ max: MAX_NAME_LENGTH })
  lastName?: string | null;

  @IsOptional()
  @IsText({ min: 3, max: MAX_NAME_LENGTH })
  username?: string | null;

  /** A picture; http(s). Browsers load it, the server never does. */
  @IsOptional()
  @IsText({ max: 2048 })
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false, disallow_auth: true })
  avatarUrl?: string | null;
}
