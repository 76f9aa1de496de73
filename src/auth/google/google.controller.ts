import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiFoundResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Public } from '../../common/http/access.decorators.js';
import { ApiErrors } from '../../common/http/api-errors.decorator.js';
import { AppConfig } from '../../config/app-config.js';
import { CurrentOrigin } from '../client-origin.decorator.js';
import { GoogleStartDto } from '../dto/google-start.dto.js';
import type { ClientOrigin } from '../token-pair.js';
import { GoogleSignInService, STATE_LIFE_S } from './google-sign-in.service.js';

const COOKIE = 'parley_google';
const LOCATION = { Location: { description: 'Where to go.', schema: { type: 'string', format: 'uri' } } } as const;

@ApiTags('auth')
@Controller('auth/google')
export class GoogleController {
  constructor(
    private readonly google: GoogleSignInService,
    private readonly config: AppConfig,
  ) {}

  /** Sign in with Google: sends the browser there. */
  @Public()
  @Get()
  @ApiOperation({ operationId: 'beginGoogleSignIn' })
  @ApiFoundResponse({ description: 'To Google.', headers: LOCATION })
  @ApiErrors('GOOGLE_NOT_CONFIGURED')
  async begin(@Query() { mode }: GoogleStartDto, @Res() response: Response): Promise<void> {
    const { location, browserSecret } = await this.google.begin(mode);
    response.cookie(COOKIE, browserSecret, { ...this.cookieOptions, maxAge: STATE_LIFE_S * 1_000 });
    response.set('Cache-Control', 'no-store').redirect(302, location);
  }

  /** Where Google sends the browser back to; goes on to the page with the tokens. */
  @Public()
  @Get('callback')
  @ApiOperation({ operationId: 'finishGoogleSignIn' })
  @ApiQuery({ name: 'state', required: false, type: String, description: 'What this server gave Google.' })
  @ApiQuery({ name: 'code', required: false, type: String, description: 'What Google gives for the person.' })
  @ApiFoundResponse({ description: 'To the page, with the tokens in the fragment (or the query).', headers: LOCATION })
  @ApiErrors('GOOGLE_NOT_CONFIGURED', 'OAUTH_FAILED')
  async finish(
    @Req() request: Request,
    @Res() response: Response,
    @CurrentOrigin() origin: ClientOrigin,
  ): Promise<void> {
    response
      .clearCookie(COOKIE, this.cookieOptions)
      .set('Cache-Control', 'no-store')
      .set('Referrer-Policy', 'no-referrer');
    // A browser that navigates prefers HTML; programs take anything and get the plain error.
    const isPerson = request.accepts(['json', 'html']) === 'html';
    const cookie = readCookie(request, COOKIE);
    response.redirect(302, await this.google.finish(request.query, cookie, origin, isPerson));
  }

  /** Lax: the browser comes back from another site, by a link that it follows itself. */
  private get cookieOptions() {
    const secure = this.config.publicUrl.startsWith('https:');
    return { httpOnly: true, sameSite: 'lax', secure, path: '/auth/google' } as const;
  }
}

function readCookie(request: Request, name: string): string | undefined {
  const pair = (request.headers.cookie ?? '').split(/; */).find((part) => part.startsWith(`${name}=`));
  return pair?.slice(name.length + 1);
}
