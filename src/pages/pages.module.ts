import { Module } from '@nestjs/common';
import { PageConfigController } from './page-config.controller.js';
import { PageFilesService } from './page-files.service.js';
import { PagesController } from './pages.controller.js';

/** The pages that people open in a browser. */
@Module({ controllers: [PagesController, PageConfigController], providers: [PageFilesService] })
export class PagesModule {}
