import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { ModelListResponse } from './dto/model-list.response.dto.js';
import { ModelService } from './providers/model.service.js';

@ApiTags('ai')
@ApiBearerAuth()
@Controller('ai')
export class ModelsController {
  constructor(private readonly models: ModelService) {}

  /** The models that sessions may use, the default first. */
  @Get('models')
  list(): ModelListResponse {
    const modelsByProvider = this.models.listModels();
    return { modelsByProvider, models: modelsByProvider.flatMap(({ models }) => models) };
  }
}
