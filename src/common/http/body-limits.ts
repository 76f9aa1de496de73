import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { AppError } from '../errors/app-error.js';
import { MAX_DEPTH } from '../validation/validate.js';

/** The largest JSON body, in bytes. */
export const MAX_BODY_BYTES = 64 * 1024;

/** Reads JSON bodies and nothing else; the application is made with `bodyParser: false`. */
export function configureBodies(app: NestExpressApplication): void {
  app.use(refuseOtherTypes);
  app.useBodyParser('raw', { limit: MAX_BODY_BYTES, inflate: false, type: () => true });
  app.use(parseBody);
}

/**
 * Reads untrusted JSON.
 * @throws AppError INVALID_JSON (also for bytes that are not UTF-8), VALIDATION_FAILED when it is nested too deep
 */
export function parseJson(bytes: Uint8Array): unknown {
  if (!isUtf8(bytes)) throw new AppError('INVALID_JSON', { message: 'The body is not valid UTF-8.' });
  if (isNestedDeeperThan(MAX_DEPTH, bytes))
    throw new AppError('VALIDATION_FAILED', { message: `The body must not be nested deeper than ${MAX_DEPTH}.` });
  try {
    return JSON.parse(UTF8.decode(bytes));
  } catch (error) {
    throw new AppError('INVALID_JSON', { cause: error });
  }
}

/**
 * Whether the JSON text nests arrays and objects deeper than `limit`. Looks at raw bytes in constant stack, so it is safe
 * before any parser; brackets inside of strings do not count.
 */
export function isNestedDeeperThan(limit: number, json: Uint8Array): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (inString) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > limit) return true;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
  }
  return false;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;
const OTHER_CHARSET = /;\s*charset=(?!"?utf-?8"?\s*(?:;|$))/i;
/** Drops a byte order mark. */
const UTF8 = new TextDecoder();

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function isJson(request: IncomingMessage): boolean {
  const type = request.headers['content-type'] ?? '';
  return JSON_TYPE.test(type) && !OTHER_CHARSET.test(type);
}

function refuseOtherTypes(request: Request, _response: Response, next: NextFunction): void {
  next(hasBody(request) && !isJson(request) ? new AppError('UNSUPPORTED_MEDIA_TYPE') : undefined);
}

function parseBody(request: Request, _response: Response, next: NextFunction): void {
  const bytes: unknown = request.body;
  if (bytes instanceof Uint8Array) request.body = bytes.length > 0 ? parseJson(bytes) : undefined;
  next();
}
