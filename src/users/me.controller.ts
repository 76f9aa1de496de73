import { Body, Controller, Delete, Get, Header, HttpCode, Patch, Put, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Readable } from 'node:stream';
import type { Actor } from '../common/actor.js';
import { CurrentActor } from '../common/http/access.decorators.js';
import { ApiErrors } from '../common/http/api-errors.decorator.js';
import { MeResponse } from './dto/me.dto.js';
import { UpdateMeDto } from './dto/update-me.dto.js';
import { UsageResponse } from './dto/usage.dto.js';
import { ErasureService } from './erasure.service.js';
import { ExportService } from './export.service.js';
import { UsageService } from './usage.service.js';
import { UsersService } from './users.service.js';

/** The own account. */
@ApiTags('users')
@Controller()
export class MeController {
  constructor(
    private readonly users: UsersService,
    private readonly usage: UsageService,
    private readonly erasure: ErasureService,
    private readonly exports: ExportService,
  ) {}

  /** Who is signed in. */
  @Get(['users/me', 'auth/me'])
  @Header('Cache-Control', 'no-store')
  async get(@CurrentActor() actor: Actor): Promise<MeResponse> {
    return MeResponse.from(await this.users.get(actor.userId));
  }

  /** Change the own profile; the same as PATCH. */
  @Put('users/me')
  put(@CurrentActor() actor: Actor, @Body() changes: UpdateMeDto): Promise<MeResponse> {
    return this.patch(actor, changes);
  }

  /** Change the given fields of the own profile. */
  @Patch('users/me')
  async patch(@CurrentActor() actor: Actor, @Body() changes: UpdateMeDto): Promise<MeResponse> {
    return MeResponse.from(await this.users.updateProfile(actor, changes));
  }

  /** Erase the own account: personal data and the text of all messages. */
  @Delete('users/me')
  @HttpCode(204)
  @ApiErrors('LAST_ADMIN')
  erase(@CurrentActor() actor: Actor): Promise<void> {
    return this.erasure.erase(actor);
  }

  /** Everything that is kept about the own account, as one JSON document. */
  @Get('users/me/export')
  @Header('Cache-Control', 'no-store')
  @ApiOkResponse({
    headers: { 'Content-Disposition': { description: 'A name for the file.', schema: { type: 'string' } } },
    content: { 'application/json': { schema: { type: 'object', additionalProperties: true } } },
  })
  async export(@CurrentActor() actor: Actor): Promise<StreamableFile> {
    const pieces = Readable.from(await this.exports.export(actor));
    const disposition = 'attachment; filename="parley-export.json"';
    const file = new StreamableFile(pieces, { type: 'application/json; charset=utf-8', disposition });
    // A document that broke off must not look like a whole one.
    return file.setErrorHandler((_error, response) => response.destroy?.());
  }

  /** Tokens used by the own account. */
  @Get('users/me/usage')
  @ApiOperation({ operationId: 'getMyUsage' })
  async used(@CurrentActor() actor: Actor): Promise<UsageResponse> {
    return this.usage.of(actor);
  }
}
