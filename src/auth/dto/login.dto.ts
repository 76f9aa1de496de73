import { IsText } from '../../common/validation/text.js';
import { IsAccountEmail } from './email.decorator.js';
import { MAX_PASSWORD_LENGTH } from './password.decorator.js';

export class LoginDto {
  /** @example ada@example.org */
  @IsAccountEmail()
  email: string;

  /** @example "lamp quiet orbit" */
  @IsText({ max: MAX_PASSWORD_LENGTH })
  password: string;
}
