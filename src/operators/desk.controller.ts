import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RequiresRole } from '../common/http/access.decorators.js';
import type { Page } from '../common/pagination/page.js';
import { AuditLog } from '../users/audit-log.service.js';
import { DeskStatsService } from './desk-stats.service.js';
import { AuditEntryResponse, ListAuditDto, StatsResponse } from './dto/desk.dto.js';

/** The desk as a whole. */
@ApiTags('desk')
@ApiBearerAuth()
@RequiresRole('operator')
@Controller('api')
export class DeskController {
  constructor(
    private readonly stats: DeskStatsService,
    private readonly auditLog: AuditLog,
  ) {}

  /** How the desk does: counts, and averages in seconds. */
  @Get('stats')
  @ApiOperation({ operationId: 'getDeskStats' })
  async getStats(): Promise<StatsResponse> {
    return StatsResponse.from(await this.stats.read());
  }

  /** Who changed what about whom, the newest first (admins only). */
  @Get('audit')
  @RequiresRole('admin')
  @ApiOperation({ operationId: 'listAudit' })
  @ApiOkResponse({ type: [AuditEntryResponse] })
  async listAudit(@Query() query: ListAuditDto): Promise<Page<AuditEntryResponse>> {
    const { actor_id: actorId, action, subject_id: subjectId } = query;
    return (await this.auditLog.list({ actorId, action, subjectId }, query)).map((entry) =>
      AuditEntryResponse.from(entry),
    );
  }
}
