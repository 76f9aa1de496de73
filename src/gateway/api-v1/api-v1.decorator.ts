import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiTags } from '@nestjs/swagger';
import { ApiV1Error } from './dto/outcome.dto.js';

/** A controller of this dialect in the API document. */
export const ApiV1 = (): ClassDecorator & MethodDecorator =>
  applyDecorators(
    ApiTags('api/v1'),
    // The failures of its routes; src/openapi writes down which ones.
    ApiExtraModels(ApiV1Error),
  );
