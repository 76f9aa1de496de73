import { ApiExtension } from '@nestjs/swagger';
import type { ErrorCode } from '../errors/error-catalogue.js';

export const ERROR_CODES_EXTENSION = 'x-error-codes';

/** Failures of a route beyond those that every route of its kind has; the API document shows both. Once a handler. */
export const ApiErrors = (...codes: ErrorCode[]): MethodDecorator => ApiExtension(ERROR_CODES_EXTENSION, codes);
