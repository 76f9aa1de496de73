import { describe, expect, it } from '@jest/globals';
import { failureAddress, tokensAddress } from './google-answer.js';

const tokens = { accessToken: 'a.b-c', refreshToken: 'r+/=', expiresIn: 900 };

describe('the redirect back to the page', () => {
  it('carries the tokens in the fragment and keeps the query of the page', () => {
    const url = new URL(tokensAddress('https://app.example/in?lang=de#old', 'fragment', tokens));
    expect(url.search).toBe('?lang=de');
    expect(Object.fromEntries(new URLSearchParams(url.hash.slice(1)))).toEqual({
      accessToken: 'a.b-c',
      refreshToken: 'r+/=',
      tokenType: 'Bearer',
      expiresIn: '900',
    });
  });

  it('carries them in the query for old clients', () => {
    const url = new URL(tokensAddress('https://app.example/in?lang=de', 'query', tokens));
    expect(url.searchParams.get('lang')).toBe('de');
    expect(url.searchParams.get('refreshToken')).toBe('r+/=');
    expect(url.hash).toBe('');
  });

  it('carries nothing but the code after a failure', () => {
    expect(failureAddress('https://app.example/', 'fragment', 'OAUTH_FAILED')).toBe(
      'https://app.example/#error=OAUTH_FAILED',
    );
  });
});
