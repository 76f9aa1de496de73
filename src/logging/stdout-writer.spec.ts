import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StdoutWriter } from './stdout-writer.js';

describe('StdoutWriter', () => {
  let folder: string;
  let fd: number | null = null;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'parley-out-'));
  });
  afterEach(() => {
    if (fd !== null) closeSync(fd);
    fd = null;
    rmSync(folder, { recursive: true, force: true });
  });

  it('has everything out after the last flush, in order', async () => {
    const path = join(folder, 'out');
    fd = openSync(path, 'a');
    const written = () => readFileSync(path, 'utf8');
    const writer = new StdoutWriter(fd);
    writer.write('first\n');
    while (written() !== 'first\n') await new Promise(setImmediate);
    const lines = Array.from({ length: 2_000 }, (_, n) => `line ${n}\n`);
    await new Promise(setImmediate);
    for (const line of lines) writer.write(line);
    writer.flushSync();
    while (!written().includes(lines[0] as string)) await new Promise(setImmediate);
    expect(written().split('\n').filter(Boolean).sort()).toEqual(
      ['first\n', ...lines].map((line) => line.trim()).sort(),
    );
    expect(written().split('\n').indexOf('line 1999')).toBeGreaterThan(written().split('\n').indexOf('line 1'));
  });

  it('neither throws nor spins on a disk that is full', async () => {
    fd = openSync('/dev/full', 'w');
    const writer = new StdoutWriter(fd);
    for (let n = 0; n < 10; n++) {
      writer.write('lost\n');
      await new Promise(setImmediate);
    }
    const started = performance.now();
    writer.flushSync();
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
