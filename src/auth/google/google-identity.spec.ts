import { describe, expect, it } from '@jest/globals';
import type { Profile } from 'passport-google-oauth20';
import { assertIdToken, readIdentity } from './google-identity.js';

const profile = (info: Record<string, unknown>) => ({ _json: info }) as unknown as Profile;

describe('readIdentity', () => {
  it('takes what is well-formed and leaves out the rest', () => {
    const info = {
      sub: '10769150350006150715113082367',
      email: ' Ada@Example.ORG ',
      email_verified: true,
      name: 'Ada',
      given_name: { first: 'Ada' },
      family_name: 'x'.repeat(101),
      picture: 'javascript:alert(1)',
    };
    expect(readIdentity(profile(info))).toEqual({
      subject: '10769150350006150715113082367',
      email: 'ada@example.org',
      isEmailVerified: true,
      name: 'Ada',
      firstName: null,
      lastName: null,
      avatarUrl: null,
    });
  });

  it.each(['true', 1, undefined, null])('does not take email_verified %p for true', (value) => {
    expect(readIdentity(profile({ sub: '1', email_verified: value })).isEmailVerified).toBe(false);
  });

  it.each([undefined, 7, '', 'a\0b', ['1']])('refuses the subject %p', (sub) => {
    expect(() => readIdentity(profile({ sub }))).toThrow('sub');
  });
});

describe('assertIdToken', () => {
  const wanted = {
    clientId: 'parley',
    nonce: 'n1',
    subject: 's1',
    authorizationUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
  };
  const good = { iss: 'https://accounts.google.com', aud: 'parley', sub: 's1', nonce: 'n1', exp: 2_000 };
  const check = (claims: object) =>
    assertIdToken(`e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`, wanted, 1_000_000);

  it.each([{}, { iss: 'accounts.google.com' }, { aud: ['other', 'parley'] }, { exp: 980 }])('accepts %j', (change) => {
    expect(() => check({ ...good, ...change })).not.toThrow();
  });

  it.each([
    { aud: 'other' },
    { aud: undefined },
    { sub: 's2' },
    { nonce: 'n2' },
    { nonce: undefined },
    { exp: 960 },
    { exp: '2000' },
    { exp: undefined },
    { iss: 'https://accounts.google.com.evil.example' },
    { iss: 'http://accounts.google.com' },
    { iss: undefined },
  ])('refuses %j', (change) => expect(() => check({ ...good, ...change })).toThrow('id token'));

  it('knows a stand-in on this machine by any of its names, and by its port', () => {
    const local = { ...wanted, authorizationUrl: 'http://127.0.0.1:4100/authorize' };
    const token = (claims: object) =>
      `e30.${Buffer.from(JSON.stringify({ ...good, ...claims })).toString('base64url')}.`;
    expect(() =>
      assertIdToken(token({ iss: 'http://localhost:4100', sub: 'johndoe' }), local, 1_000_000),
    ).not.toThrow();
    for (const iss of ['http://localhost:4101', 'https://localhost:4100', 'http://evil.example:4100'])
      expect(() => assertIdToken(token({ iss }), local, 1_000_000)).toThrow('issuer');
  });

  it.each(['', 'a.b', 'a.e30', 'x'])('refuses the text "%s"', (text) =>
    expect(() => assertIdToken(text, wanted, 1_000_000)).toThrow(),
  );
});
