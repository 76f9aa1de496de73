import { describe, expect, it } from '@jest/globals';
import { operationId } from './operation-id.js';

describe('the name of an operation', () => {
  it('is about one thing, or about many when it lists or searches', () => {
    expect(operationId('SessionsController', 'create')).toBe('createSession');
    expect(operationId('SessionsController', 'list')).toBe('listSessions');
    expect(operationId('MessagesController', 'search')).toBe('searchMessages');
  });

  it('keeps the verb first', () => {
    expect(operationId('SessionsController', 'setFavorite')).toBe('setSessionFavorite');
  });

  it('leaves signing in and out as it is', () => {
    expect(operationId('AuthController', 'login')).toBe('login');
  });
});
