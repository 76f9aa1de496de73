import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Public } from '../common/http/access.decorators.js';
import { PageFilesService } from './page-files.service.js';

/** The pages of this server and what they load: plain files, no build step. */
@ApiExcludeController()
@Public()
@Controller()
export class PagesController {
  constructor(private readonly files: PageFilesService) {}

  @Get()
  playground(@Res() response: Response): Promise<void> {
    return this.files.sendPublic(response, 'index.html');
  }

  @Get('desk')
  desk(@Res() response: Response): Promise<void> {
    return this.files.sendPublic(response, 'desk/index.html');
  }

  @Get('assets/*path')
  asset(@Req() request: Request<{ path: string[] }>, @Res() response: Response): Promise<void> {
    return this.files.sendPublic(response, request.params.path.join('/'));
  }

  @Get('vendor/preact.js')
  preact(@Res() response: Response): Promise<void> {
    return this.files.sendVendor(response, 'preact.js');
  }

  @Get('vendor/socket.io.js')
  socketIo(@Res() response: Response): Promise<void> {
    return this.files.sendVendor(response, 'socket.io.js');
  }
}
