import { IsIn } from 'class-validator';
import { ROLES, type Role } from '../../common/actor.js';

export class ChangeRoleDto {
  @IsIn(ROLES)
  role: Role;
}
