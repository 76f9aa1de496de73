import { Global, Module, type DynamicModule } from '@nestjs/common';
import { DatabaseAddress } from './database-address.js';
import { DatabaseClock } from './database-clock.js';
import { PrismaService } from './prisma.service.js';
import { UnitOfWork } from './unit-of-work.js';

@Global()
@Module({})
export class PrismaModule {
  /** The database is up and migrated before the application is made (see prepare-database.ts). */
  static at(address: DatabaseAddress): DynamicModule {
    return {
      module: PrismaModule,
      providers: [{ provide: DatabaseAddress, useValue: address }, PrismaService, DatabaseClock, UnitOfWork],
      exports: [DatabaseAddress, PrismaService, DatabaseClock, UnitOfWork],
    };
  }
}
