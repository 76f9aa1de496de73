import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { AuthService } from '../../auth/auth.service.js';
import { CurrentOrigin } from '../../auth/client-origin.decorator.js';
import type { ClientOrigin } from '../../auth/token-pair.js';
import type { Actor } from '../../common/actor.js';
import { CurrentActor, Public } from '../../common/http/access.decorators.js';
import { ApiErrors } from '../../common/http/api-errors.decorator.js';
import { ApiV1 } from './api-v1.decorator.js';
import { ApiV1LoginDto, ApiV1RefreshDto, ApiV1RegisterDto, ApiV1Tokens } from './dto/account.dto.js';
import { ApiV1Done } from './dto/outcome.dto.js';

@ApiV1()
@Controller('api/v1/auth')
export class ApiV1AuthController {
  constructor(private readonly auth: AuthService) {}

  /** Sign up. */
  @Public()
  @Post('register')
  @ApiErrors('EMAIL_TAKEN', 'RATE_LIMITED', 'SERVER_BUSY')
  async register(@Body() input: ApiV1RegisterDto, @CurrentOrigin() origin: ClientOrigin): Promise<ApiV1Tokens> {
    return ApiV1Tokens.from(await this.auth.register(input, origin));
  }

  /** Sign in. */
  @Public()
  @Post('login')
  @ApiErrors('INVALID_CREDENTIALS', 'RATE_LIMITED', 'SERVER_BUSY')
  @HttpCode(200)
  async login(@Body() input: ApiV1LoginDto, @CurrentOrigin() origin: ClientOrigin): Promise<ApiV1Tokens> {
    return ApiV1Tokens.from(await this.auth.login(input, origin));
  }

  /** Exchange the refresh token for new tokens. */
  @Public()
  @Post('refresh')
  @ApiErrors('REFRESH_TOKEN_INVALID', 'REFRESH_TOKEN_REUSED', 'SIGN_IN_REVOKED', 'RATE_LIMITED')
  @HttpCode(200)
  async refresh(@Body() input: ApiV1RefreshDto): Promise<ApiV1Tokens> {
    return ApiV1Tokens.from(await this.auth.refresh(input.refresh_token));
  }

  /** Sign out: this sign-in ends, its tokens are worth nothing from now on. */
  @Post('logout')
  @HttpCode(200)
  async logout(@CurrentActor() actor: Actor): Promise<ApiV1Done> {
    await this.auth.logout(actor, false);
    return { message: 'Logged out' };
  }
}
