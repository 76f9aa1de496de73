import type { ServerResponse } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import helmet from 'helmet';

/** The part of the configuration that says how people reach us. */
export interface HeaderRules {
  readonly isProduction: boolean;
  readonly publicUrl: string;
}

const API_CSP = "default-src 'none'; frame-ancestors 'none'";
const PAGE_CSP = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: https:",
  "connect-src 'self' ws: wss:",
  "object-src 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "form-action 'self'",
].join('; ');
/** Swagger UI draws with inline styles. */
const DOCS_CSP = PAGE_CSP.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'");

const ONE_YEAR_S = 31_536_000;

/** Headers of every answer: those of the API, which run and embed nothing; pages replace two with `setPageHeaders`. */
export function configureSecurityHeaders(app: NestExpressApplication, rules: HeaderRules, docsPath = '/docs'): void {
  const behindHttps = rules.isProduction && rules.publicUrl.startsWith('https:');
  app.use(
    helmet({
      contentSecurityPolicy: false,
      strictTransportSecurity: behindHttps ? { maxAge: ONE_YEAR_S, includeSubDomains: true } : false,
      referrerPolicy: { policy: 'no-referrer' },
      xFrameOptions: { action: 'deny' },
    }),
  );
  app.use((_request: Request, response: Response, next: NextFunction): void => {
    response.setHeader('Content-Security-Policy', API_CSP);
    response.setHeader('Cache-Control', 'no-store');
    next();
  });
  app.use(docsPath, (_request: Request, response: Response, next: NextFunction): void => {
    response.setHeader('Content-Security-Policy', DOCS_CSP);
    next();
  });
}

/** Makes an answer that of a page of ours; fits `setHeaders` of a static file server. */
export function setPageHeaders(response: ServerResponse): void {
  response.setHeader('Content-Security-Policy', PAGE_CSP);
  response.setHeader('Cache-Control', 'no-cache');
}
