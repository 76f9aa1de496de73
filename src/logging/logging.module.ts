import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { AppConfig } from '../config/app-config.js';
import { LogService } from './log.service.js';

@Global()
@Module({})
export class LoggingModule {
  /** `app.useLogger(app.get(LogService))` makes Nest's `Logger` write to it; make the application with `bufferLogs: true`. */
  static with(config: AppConfig): DynamicModule {
    return {
      module: LoggingModule,
      providers: [{ provide: LogService, useFactory: () => new LogService(config) }],
      exports: [LogService],
    };
  }
}
