import { stat } from 'node:fs/promises';
import { dirname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { AppError } from '../common/errors/app-error.js';
import { setPageHeaders } from '../common/http/security-headers.js';

const locate = (module: string): string => fileURLToPath(import.meta.resolve(module));

const PUBLIC_FOLDER = fileURLToPath(new URL('../../public/', import.meta.url));

/** Browser modules of libraries, served as their packages ship them. */
const VENDOR_FILES = {
  'preact.js': locate('htm/preact/standalone'),
  'socket.io.js': join(dirname(locate('socket.io/package.json')), 'client-dist', 'socket.io.esm.min.js'),
} as const;

export type VendorFile = keyof typeof VENDOR_FILES;

/** They change only with an update of the server, and an hour of an older one does no harm. */
const VENDOR_CACHE = 'public, max-age=3600';

/** Sends the files of the pages. Browsers ask again each time and get 304 by ETag, so that old and new files never mix. */
@Injectable()
export class PageFilesService {
  /** @throws AppError NOT_FOUND when there is no such file below public/ */
  sendPublic(response: Response, path: string): Promise<void> {
    const place = normalize(path);
    if (place.startsWith('..') || place.includes('\0') || place.split(sep).some((part) => part.startsWith('.')))
      throw new AppError('NOT_FOUND');
    return send(response, join(PUBLIC_FOLDER, place), {});
  }

  sendVendor(response: Response, name: VendorFile): Promise<void> {
    return send(response, VENDOR_FILES[name], {
      'Cache-Control': VENDOR_CACHE,
      'Content-Type': 'text/javascript; charset=utf-8',
    });
  }
}

async function send(response: Response, file: string, headers: Record<string, string>): Promise<void> {
  const facts = await stat(file).catch(() => null);
  if (!facts?.isFile()) throw new AppError('NOT_FOUND');
  setPageHeaders(response);
  response.set(headers);
  // Express makes no ETags here, as the API wants none; a header that is set already is kept and compared.
  response.setHeader('ETag', `W/"${facts.size.toString(16)}-${Math.trunc(facts.mtimeMs).toString(16)}"`);
  await new Promise<void>((resolve, reject) => {
    response.sendFile(file, { cacheControl: false, dotfiles: 'allow' }, (error?: Error) => {
      // Once the head is out, the only thing that can fail is the reader, who left.
      if (!error || response.headersSent) resolve();
      else reject(new AppError('NOT_FOUND', { cause: error }));
    });
  });
}
