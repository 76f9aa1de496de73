import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { validateInput, type Constructor } from './validate.js';

const PRIMITIVES = new Set<unknown>([String, Boolean, Number, Array, Object]);

/** Validates every REST body and query that has a DTO class, by the same function the sockets use. */
@Injectable()
export class DtoValidationPipe implements PipeTransform {
  constructor(private readonly options: { strict: boolean } = { strict: true }) {}

  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    if (type === 'custom' || !metatype || PRIMITIVES.has(metatype)) return value;
    return validateInput(metatype as Constructor<object>, value, this.options);
  }
}
