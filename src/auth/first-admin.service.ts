import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { RolesService } from '../users/roles.service.js';
import { normalEmail } from './normal-email.js';
import { isCommonPassword } from './passwords/common-passwords.js';
import { PasswordHasher } from './passwords/password-hasher.service.js';

/** Makes the first admin out of ADMIN_EMAIL and ADMIN_PASSWORD at start, as long as there is no admin. */
@Injectable()
export class FirstAdminService implements OnApplicationBootstrap {
  private readonly logger = new Logger(FirstAdminService.name);

  constructor(
    private readonly roles: RolesService,
    private readonly passwords: PasswordHasher,
    private readonly config: AppConfig,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { ADMIN_EMAIL, ADMIN_PASSWORD } = this.config.env;
    if (!ADMIN_EMAIL || !ADMIN_PASSWORD || (await this.roles.hasAdmin())) return;
    const email = normalEmail(ADMIN_EMAIL);
    if (isCommonPassword(ADMIN_PASSWORD, email))
      this.logger.warn('ADMIN_PASSWORD is easy to guess; choose another one');
    const outcome = await this.roles.makeFirstAdmin(email, await this.passwords.hash(ADMIN_PASSWORD));
    if (outcome === 'created') this.logger.log('The first admin was made from ADMIN_EMAIL');
    if (outcome === 'raised')
      this.logger.log('The account of ADMIN_EMAIL was made the first admin; its password stays as it was');
  }
}
