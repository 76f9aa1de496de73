import 'reflect-metadata';
import { SetMetadata } from '@nestjs/common';

const LEAVES_OUT_UNKNOWN_KEYS = 'validation:leaves-out-unknown-keys';

/** A DTO of a dialect whose clients may send more than it knows: unknown keys are left out instead of refused. Subclasses inherit it. */
export const LeaveOutUnknownKeys = (): ClassDecorator => SetMetadata(LEAVES_OUT_UNKNOWN_KEYS, true);

export const leavesOutUnknownKeys = (type: object): boolean =>
  Reflect.getMetadata(LEAVES_OUT_UNKNOWN_KEYS, type) === true;
