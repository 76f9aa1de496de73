import { applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiDefaultResponse, ApiTags } from '@nestjs/swagger';
import { ApiV1Error } from './dto/outcome.dto.js';

/** A controller of this dialect in the API document. */
export const ApiV1 = (): ClassDecorator & MethodDecorator =>
  applyDecorators(
    ApiTags('api/v1'),
    ApiBearerAuth(),
    ApiDefaultResponse({ type: ApiV1Error, description: 'A failure; the status says of what kind.' }),
  );
