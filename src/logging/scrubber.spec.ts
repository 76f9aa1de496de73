import { describe, expect, it } from '@jest/globals';
import { createScrubber } from './scrubber.js';

const scrub = createScrubber(['own-secret-value', 'with "quotes"', 'short', undefined]);
const CANARY = 'CANARY0123456789';

describe('the scrubber', () => {
  it.each([
    JSON.stringify({ password: CANARY }),
    JSON.stringify({ deep: [{ body: { accessToken: CANARY, refresh_token: CANARY } }] }),
    JSON.stringify({ headers: { Authorization: `Bearer ${CANARY}`, cookie: `sid=${CANARY}` } }),
    JSON.stringify({ secret: `with "quotes" and ${CANARY}` }),
    JSON.stringify({ msg: `body was ${JSON.stringify({ password: CANARY })}` }),
    JSON.stringify({ msg: `Authorization: Bearer ${CANARY}` }),
    JSON.stringify({ url: `/sse/sessions/1/stream?a=1&ticket=${CANARY}&b=2` }),
    JSON.stringify({ url: `ws://host/?token=${CANARY}` }),
    JSON.stringify({ url: `/auth/google/callback?code=${CANARY}&state=${CANARY}` }),
    JSON.stringify({ msg: `connect to postgresql://parley:${CANARY}@db:5432/parley failed` }),
    JSON.stringify({ msg: `token eyJhbGciOiJIUzI1NiJ9.${CANARY}.${CANARY}` }),
    JSON.stringify({ msg: `POST https://api.telegram.org/bot123456789:${CANARY}${CANARY}/sendMessage` }),
    JSON.stringify({ msg: `Incorrect API key provided: sk-proj-${CANARY}` }),
  ])('takes the secret out of %s', (line) => {
    const clean = scrub(line);
    expect(clean).not.toContain(CANARY);
    expect(() => JSON.parse(clean) as unknown).not.toThrow();
  });

  it("takes the server's own secrets out wherever they stand", () => {
    expect(scrub(JSON.stringify({ msg: 'x own-secret-value y', other: 'with "quotes"' }))).toBe(
      JSON.stringify({ msg: 'x [redacted] y', other: '[redacted]' }),
    );
  });

  it('leaves ordinary text alone', () => {
    const line = JSON.stringify({
      msg: 'short: token usage 12:34 http://host:80/a?b=c tokens=5',
      tokens: 7,
      mail: 'a@b.c',
    });
    expect(scrub(line)).toBe(line);
  });

  it('needs no more than a few ms for 64 KB of hostile text', () => {
    for (const unit of ['"password":"', '\\"token\\":\\"', 'a://', 'eyJ.', 'Bearer ', '?token=', '1234567890:']) {
      const line = unit.repeat(65_536 / unit.length);
      const started = performance.now();
      scrub(line);
      expect(performance.now() - started).toBeLessThan(1_000);
    }
  });
});
