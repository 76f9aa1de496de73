import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError, type ValidatorOptions } from 'class-validator';
import { AppError } from '../errors/app-error.js';

export type Constructor<T extends object> = new () => T;

/** The deepest nesting of any input. */
export const MAX_DEPTH = 32;

const COMMON: ValidatorOptions = {
  whitelist: true,
  forbidUnknownValues: true,
  validationError: { target: false, value: false },
};

/**
 * Checks untrusted input against a DTO class and returns an instance of it. The native doors refuse unknown keys by name;
 * the other dialects (`strict: false`) leave them out.
 * @throws AppError VALIDATION_FAILED with `details: [{ field, problems }]`
 */
export function validateInput<T extends object>(
  type: Constructor<T>,
  input: unknown,
  options: { strict?: boolean } = {},
): T {
  const plain = input === undefined ? {} : input;
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain))
    throw invalid([{ field: '', problems: ['must be an object'] }]);
  assertSafeShape(plain);
  const instance = plainToInstance(type, plain);
  const errors = validateSync(instance, { ...COMMON, forbidNonWhitelisted: options.strict !== false });
  const problems = errors.flatMap((error) => flatten(error, ''));
  if (options.strict !== false) problems.push(...inheritedKeys(plain));
  if (problems.length > 0) throw invalid(problems);
  return instance;
}

/** Refuses what makes recursive code fail or reach a prototype: deep nesting, `__proto__` and `constructor` keys. Runs in constant stack. */
export function assertSafeShape(input: unknown): void {
  const open: [value: unknown, depth: number][] = [[input, 0]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [value, depth] = next;
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= MAX_DEPTH) throw invalid([{ field: '', problems: [`must not be nested deeper than ${MAX_DEPTH}`] }]);
    for (const key of Object.keys(value)) {
      // class-transformer drops both without a word.
      if (key === '__proto__' || key === 'constructor')
        throw invalid([{ field: key, problems: [`property ${key} should not exist`] }]);
      open.push([(value as Record<string, unknown>)[key], depth + 1]);
    }
  }
}

/** Keys like `constructor` and `toString`: class-transformer leaves them out unseen, so that nobody would refuse them. */
function inheritedKeys(input: object): FieldProblem[] {
  const keys = Object.keys(input).filter((key) => key in Object.prototype);
  return keys.map((field) => ({ field, problems: [`property ${field} should not exist`] }));
}

interface FieldProblem {
  field: string;
  problems: string[];
}

function flatten(error: ValidationError, path: string): FieldProblem[] {
  const field = path ? `${path}.${error.property}` : error.property;
  const own = error.constraints ? [{ field, problems: Object.values(error.constraints) }] : [];
  return [...own, ...(error.children ?? []).flatMap((child) => flatten(child, field))];
}

function invalid(details: FieldProblem[]): AppError {
  const text = details.flatMap(({ problems }) => problems).join('; ');
  return new AppError('VALIDATION_FAILED', { message: text.slice(0, 500), details });
}
