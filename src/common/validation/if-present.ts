import { ValidateIf } from 'class-validator';

/** A field of a change: it may be left out, and unlike with `IsOptional` null counts as a value. */
export const IfPresent = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);
