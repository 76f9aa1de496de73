import { IsAccountEmail } from '../../../auth/dto/email.decorator.js';
import { IsNewPassword, MAX_PASSWORD_LENGTH } from '../../../auth/dto/password.decorator.js';
import type { TokenPair } from '../../../auth/token-pair.js';
import { IfPresent } from '../../../common/validation/if-present.js';
import { IsText } from '../../../common/validation/text.js';
import { LeaveOutUnknownKeys } from '../../../common/validation/unknown-keys.js';
import { displayName, type User } from '../../../users/user.js';

const USERNAME = { min: 3, max: 100 };

@LeaveOutUnknownKeys()
export class ApiV1RegisterDto {
  /** @example ada@example.org */
  @IsAccountEmail()
  email: string;

  /**
   * 3 to 100 characters; two people may have the same.
   * @example ada
   */
  @IsText(USERNAME)
  username: string;

  /**
   * 8 to 128 characters, none of the well-known ones.
   * @example "lamp quiet orbit"
   */
  @IsNewPassword()
  password: string;
}

@LeaveOutUnknownKeys()
export class ApiV1LoginDto {
  /** @example ada@example.org */
  @IsAccountEmail()
  email: string;

  /** @example "lamp quiet orbit" */
  @IsText({ max: MAX_PASSWORD_LENGTH })
  password: string;
}

@LeaveOutUnknownKeys()
export class ApiV1RefreshDto {
  @IsText({ max: 512 })
  refresh_token: string;
}

export class ApiV1Tokens {
  access_token: string;
  /** Use it once, then use the one that came back. */
  refresh_token: string;
  token_type: 'Bearer';
  /** Life of the access token in seconds. */
  expires_in: number;

  static from({ accessToken, refreshToken, expiresIn }: TokenPair): ApiV1Tokens {
    return { access_token: accessToken, refresh_token: refreshToken, token_type: 'Bearer', expires_in: expiresIn };
  }
}

/** What is left out stays as it is. */
@LeaveOutUnknownKeys()
export class ApiV1UpdateUserDto {
  @IfPresent()
  @IsText(USERNAME)
  username?: string;

  /** Only as it is: an email cannot be changed. */
  @IfPresent()
  @IsAccountEmail()
  email?: string;
}

/** A person as he or she sees the own account. */
export class ApiV1User {
  id: string;
  /** Empty for a person whom Google knows without an email. */
  email: string;
  /** The name that others see, for a person without a username. */
  username: string;
  created_at: string;
  last_login_at?: string;
  is_active: boolean;

  static from(user: User): ApiV1User {
    return {
      id: user.id,
      email: user.email ?? '',
      username: user.username ?? displayName(user),
      created_at: user.createdAt.toISOString(),
      ...(user.lastLoginAt ? { last_login_at: user.lastLoginAt.toISOString() } : {}),
      is_active: user.isActive,
    };
  }
}
