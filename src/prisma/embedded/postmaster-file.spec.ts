import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, runningPostmaster } from './postmaster-file.js';

describe('runningPostmaster', () => {
  let dataDir: string;
  let inside: ChildProcess;
  let outside: ChildProcess;

  beforeAll(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'postmaster-'));
    inside = spawn('sleep', ['60'], { cwd: dataDir });
    outside = spawn('sleep', ['60'], { cwd: '/' });
  });

  afterAll(() => {
    inside.kill();
    outside.kill();
    rmSync(dataDir, { recursive: true });
  });

  const write = (pid: number | undefined) =>
    writeFileSync(join(dataDir, 'postmaster.pid'), `${pid}\n${dataDir}\n1\n5433\n\n127.0.0.1\n`);

  it('is null where there is no file or no sense in it', () => {
    expect(runningPostmaster(join(dataDir, 'nowhere'))).toBeNull();
    writeFileSync(join(dataDir, 'postmaster.pid'), 'nonsense');
    expect(runningPostmaster(dataDir)).toBeNull();
  });

  it('is the process that works in the folder', () => {
    write(inside.pid);
    expect(runningPostmaster(dataDir)).toEqual({ pid: inside.pid, port: 5433 });
  });

  it('is null when the pid is that of another program by now', () => {
    write(outside.pid);
    expect(runningPostmaster(dataDir)).toBeNull();
  });

  it('is null once the process has ended', async () => {
    write(inside.pid);
    const ended = once(inside, 'exit');
    inside.kill('SIGKILL');
    await ended;
    expect(isAlive(inside.pid ?? 0)).toBe(false);
    expect(runningPostmaster(dataDir)).toBeNull();
  });
});
