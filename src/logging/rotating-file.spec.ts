import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RotatingFile, type RotationOptions } from './rotating-file.js';

describe('RotatingFile', () => {
  let folder: string;
  let losses: number[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'parley-log-'));
    losses = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const fileAt = (path: string, options: Partial<RotationOptions> = {}) =>
    new RotatingFile(path, (_error, lines) => losses.push(lines), options);

  it('keeps every line in order in a file of exactly the given name, in folders that it makes', async () => {
    const path = join(folder, 'deep', 'app.log');
    const file = fileAt(path);
    const lines = Array.from({ length: 500 }, (_, n) => `line ${n}\n`);
    for (const line of lines) file.write(line);
    await file.close();
    expect(readFileSync(path, 'utf8')).toBe(lines.join(''));
  });

  it('goes on with the file of an earlier run', async () => {
    const path = join(folder, 'app.log');
    writeFileSync(path, 'before\n');
    const file = fileAt(path);
    file.write('after\n');
    await file.close();
    expect(readFileSync(path, 'utf8')).toBe('before\nafter\n');
  });

  it('puts the file aside when it is full, and keeps only the newest of those', async () => {
    const path = join(folder, 'app.log');
    const file = fileAt(path, { maxBytes: 10, keep: 2, now: () => new Date() });
    for (let n = 0; n < 5; n++) {
      file.write(`line-${n}-x\n`);
      await file.flush();
    }
    await file.close();
    const names = readdirSync(folder).sort();
    expect(names).toHaveLength(3);
    expect(readFileSync(path, 'utf8')).toBe('line-4-x\n');
    expect(names.slice(1).map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual([
      'line-2-x\n',
      'line-3-x\n',
    ]);
  });

  it('starts a new file each day', async () => {
    let now = new Date('2026-01-01T23:59:59Z');
    const path = join(folder, 'app.log');
    const file = fileAt(path, { now: () => now });
    file.write('old\n');
    await file.flush();
    now = new Date('2026-01-02T00:00:00Z');
    file.write('new\n');
    await file.close();
    expect(readFileSync(path, 'utf8')).toBe('new\n');
    expect(readFileSync(`${path}.2026-01-01.1`, 'utf8')).toBe('old\n');
  });

  it('loses lines and says so, but does not throw, where it may not write', async () => {
    const blocked = join(folder, 'a-file');
    writeFileSync(blocked, '');
    const file = fileAt(join(blocked, 'app.log'));
    file.write('one\n');
    file.write('two\n');
    await file.flush();
    file.write('three\n');
    await file.close();
    expect(losses).toEqual([2]);
  });

  it('writes again once the disk has recovered', async () => {
    const blocked = join(folder, 'later-a-folder');
    writeFileSync(blocked, '');
    const file = fileAt(join(blocked, 'app.log'), { retryAfterMs: 0 });
    file.write('lost\n');
    await file.flush();
    rmSync(blocked);
    file.write('kept\n');
    await file.close();
    expect(readFileSync(join(blocked, 'app.log'), 'utf8')).toBe('kept\n');
  });

  it('drops lines rather than memory when the disk is too slow', async () => {
    const path = join(folder, 'app.log');
    const file = fileAt(path, { maxWaitingBytes: 100 });
    for (let n = 0; n < 1_000; n++) file.write('0123456789\n');
    await file.close();
    expect(readFileSync(path, 'utf8').length).toBeLessThanOrEqual(220);
  });
});
