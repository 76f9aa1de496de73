import { Body, Controller, Header, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentOrigin } from '../auth/client-origin.decorator.js';
import type { ClientOrigin } from '../auth/token-pair.js';
import { Public } from '../common/http/access.decorators.js';
import { ApiErrors } from '../common/http/api-errors.decorator.js';
import { DeskSignIn } from './desk-sign-in.service.js';
import { OperatorLoginDto, OperatorLoginResponse, OperatorResponse } from './dto/operator.dto.js';

@ApiTags('operators')
@Controller('api/auth')
export class DeskSignInController {
  constructor(private readonly signIn: DeskSignIn) {}

  /** Sign in as an operator. */
  @Public()
  @Post('login')
  @ApiOperation({ operationId: 'loginOperator' })
  @ApiErrors('INVALID_CREDENTIALS', 'FORBIDDEN', 'RATE_LIMITED', 'SERVER_BUSY')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  async login(@Body() input: OperatorLoginDto, @CurrentOrigin() origin: ClientOrigin): Promise<OperatorLoginResponse> {
    const { operator, accessToken: access, refreshToken: refresh } = await this.signIn.login(input, origin);
    return { success: true, data: { operator: OperatorResponse.from(operator), tokens: { access, refresh } } };
  }
}
