import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ERROR_CATALOGUE } from '../common/errors/error-catalogue.js';
import { renderErrorsPage } from './errors-page.js';

describe('docs/errors.md', () => {
  it('is what npm run docs:api would write', () => {
    expect(readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')).toBe(renderErrorsPage());
  });

  it('names every code once', () => {
    for (const code of Object.keys(ERROR_CATALOGUE))
      expect(renderErrorsPage().split(`| \`${code}\` |`)).toHaveLength(2);
  });
});
