import { Body, Controller, Header, HttpCode, Post, Query } from '@nestjs/common';
import { ApiBody, ApiSecurity, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../common/actor.js';
import { CurrentActor, Public } from '../common/http/access.decorators.js';
import { ApiErrors } from '../common/http/api-errors.decorator.js';
import { AuthService } from './auth.service.js';
import { BearerToken } from './bearer-token.decorator.js';
import { CurrentOrigin } from './client-origin.decorator.js';
import { LoginDto } from './dto/login.dto.js';
import { LogoutQueryDto } from './dto/logout.dto.js';
import { RefreshDto } from './dto/refresh.dto.js';
import { RegisterDto } from './dto/register.dto.js';
import { TokenResponse } from './dto/token.dto.js';
import type { ClientOrigin } from './token-pair.js';

@ApiTags('auth')
@Controller('auth')
export class AuthController {
  constructor(private readonly auth: AuthService) {}

  /** Sign up. */
  @Public()
  @Post('register')
  @ApiErrors('EMAIL_TAKEN', 'RATE_LIMITED', 'SERVER_BUSY')
  @Header('Cache-Control', 'no-store')
  async register(@Body() input: RegisterDto, @CurrentOrigin() origin: ClientOrigin): Promise<TokenResponse> {
    return TokenResponse.from(await this.auth.register(input, origin));
  }

  /** Sign in. */
  @Public()
  @Post('login')
  @ApiErrors('INVALID_CREDENTIALS', 'RATE_LIMITED', 'SERVER_BUSY')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  async login(@Body() input: LoginDto, @CurrentOrigin() origin: ClientOrigin): Promise<TokenResponse> {
    return TokenResponse.from(await this.auth.login(input, origin));
  }

  /** Exchange the refresh token (in the body, or as Bearer) for new tokens. */
  @Public()
  @Post('refresh')
  @ApiSecurity('refreshToken')
  @ApiSecurity({})
  @ApiBody({ type: RefreshDto, required: false })
  @ApiErrors('REFRESH_TOKEN_INVALID', 'REFRESH_TOKEN_REUSED', 'SIGN_IN_REVOKED', 'RATE_LIMITED')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  async refresh(@Body() { refreshToken }: RefreshDto, @BearerToken() bearer?: string): Promise<TokenResponse> {
    return TokenResponse.from(await this.auth.refresh(refreshToken ?? bearer));
  }

  /** Sign out: this sign-in, or every one of this person. */
  @Post('logout')
  @HttpCode(204)
  logout(@CurrentActor() actor: Actor, @Query() { all }: LogoutQueryDto): Promise<void> {
    return this.auth.logout(actor, all === 'true');
  }
}
