import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { AppError } from '../common/errors/app-error.js';
import { setPageHeaders } from '../common/http/security-headers.js';

const locate = (module: string): string => fileURLToPath(import.meta.resolve(module));

const PUBLIC_FOLDER = fileURLToPath(new URL('../../public/', import.meta.url));

/** Browser modules of libraries, served as their packages ship them. */
export const VENDOR_FILES = {
  'preact.js': locate('htm/preact/standalone'),
  'socket.io.js': join(dirname(locate('socket.io/package.json')), 'client-dist/socket.io.esm.min.js'),
} as const;

export type VendorFile = keyof typeof VENDOR_FILES;

/** They change only with an update of the server, and an hour of an older one does no harm. */
const VENDOR_CACHE = 'public, max-age=3600';

/** Sends the files of the pages. Browsers ask again each time and get 304 by ETag, so that old and new files never mix. */
@Injectable()
export class PageFilesService {
  /** @throws AppError NOT_FOUND when there is no such file below public/ */
  sendPublic(response: Response, path: string): Promise<void> {
    setPageHeaders(response);
    return send(response, path, PUBLIC_FOLDER);
  }

  sendVendor(response: Response, name: VendorFile): Promise<void> {
    setPageHeaders(response);
    response.setHeader('Cache-Control', VENDOR_CACHE);
    response.type('text/javascript');
    return send(response, VENDOR_FILES[name]);
  }
}

function send(response: Response, path: string, root?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    response.sendFile(path, { root, cacheControl: false, dotfiles: 'ignore' }, (error?: Error) => {
      // Once the head is out, the only thing that can fail is the reader, who left.
      if (!error || response.headersSent) resolve();
      else reject(new AppError('NOT_FOUND', { cause: error }));
    });
  });
}
