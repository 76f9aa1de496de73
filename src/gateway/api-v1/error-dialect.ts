import type { ErrorDialect } from '../../common/http/error.filter.js';

/** Failures below `/api/v1`: the status says what kind, the text is for people. */
export const API_V1_ERRORS: ErrorDialect = {
  paths: /^\/api\/v1(?:\/|$)/i,
  toBody: ({ message }) => ({ error: message }),
};
