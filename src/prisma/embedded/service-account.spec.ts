import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canReach, type ServiceAccount } from './service-account.js';

describe('canReach', () => {
  const stranger: ServiceAccount = { name: 'stranger', uid: 54_321, gid: 54_321 };
  let outer: string;
  let inner: string;

  beforeAll(() => {
    outer = mkdtempSync(join(tmpdir(), 'reach-'));
    inner = join(outer, 'inner');
    mkdirSync(inner);
  });

  afterAll(() => rmSync(outer, { recursive: true }));

  it.each([
    [0o755, 0o755, true],
    [0o711, 0o711, true],
    [0o700, 0o755, false],
    [0o755, 0o700, false],
    [0o744, 0o755, false],
  ])('asks every folder on the way: %o above %o', (above, below, reachable) => {
    chmodSync(inner, below);
    chmodSync(outer, above);
    expect(canReach(stranger, inner)).toBe(reachable);
  });

  it('asks for the rights of the owner when the account is that', () => {
    chmodSync(outer, 0o700);
    chmodSync(inner, 0o700);
    const { uid, gid } = statSync(outer);
    expect(canReach({ name: 'owner', uid, gid }, inner)).toBe(true);
  });
});
