import { IsOptional } from 'class-validator';
import { IsText } from '../../common/validation/text.js';
import { IsAccountEmail } from './email.decorator.js';
import { IsNewPassword } from './password.decorator.js';

export class RegisterDto {
  /** @example ada@example.org */
  @IsAccountEmail()
  email: string;

  /**
   * 8 to 128 characters, none of the well-known ones.
   * @example "lamp quiet orbit"
   */
  @IsNewPassword()
  password: string;

  /**
   * The name that others see.
   * @example Ada
   */
  @IsOptional()
  @IsText({ max: 100 })
  name?: string | null;
}
