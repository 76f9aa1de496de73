import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { leavesOutUnknownKeys } from './unknown-keys.js';
import { validateInput, type Constructor } from './validate.js';

const PRIMITIVES = new Set<unknown>([String, Boolean, Number, Array, Object]);

/** Validates every REST body and query that has a DTO class, by the same function the sockets use. Unknown keys are refused, save of DTOs marked with `@LeaveOutUnknownKeys()`. */
@Injectable()
export class DtoValidationPipe implements PipeTransform {
  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    if (type === 'custom' || !metatype || PRIMITIVES.has(metatype)) return value;
    return validateInput(metatype as Constructor<object>, value, { strict: !leavesOutUnknownKeys(metatype) });
  }
}
