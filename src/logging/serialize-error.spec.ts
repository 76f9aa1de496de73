import { describe, expect, it } from '@jest/globals';
import { serializeError } from './serialize-error.js';

describe('serializeError', () => {
  it('keeps name, text, code, stack and causes, and nothing else of the error', () => {
    const cause = Object.assign(new TypeError('inner'), { code: 'E_INNER', body: 'canary' });
    const serialized = serializeError(Object.assign(new Error('outer', { cause }), { request: { body: 'canary' } }));
    expect(serialized).toMatchObject({
      type: 'Error',
      message: 'outer',
      cause: { type: 'TypeError', message: 'inner', code: 'E_INNER' },
    });
    expect(serialized.stack).toContain('serialize-error.spec');
    expect(JSON.stringify(serialized)).not.toContain('canary');
  });

  it('ends on an error that causes itself', () => {
    const error = new Error('loop');
    error.cause = error;
    expect(JSON.stringify(serializeError(error)).length).toBeLessThan(50_000);
  });

  it('takes what is no error', () => {
    expect(serializeError('text')).toEqual({ type: 'string', message: 'text' });
    expect(serializeError({ password: 'canary' })).toEqual({ type: 'object', message: 'a thrown object' });
  });
});
