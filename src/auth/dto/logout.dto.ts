import { IsIn, IsOptional } from 'class-validator';

export class LogoutQueryDto {
  /** `true` ends every sign-in of this person, not only this one. */
  @IsOptional()
  @IsIn(['true', 'false'])
  all?: 'true' | 'false';
}
