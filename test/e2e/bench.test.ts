import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '../support/database.js';

interface Measured {
  measured: Record<string, { ours: number; bare: number }[]>;
}

describe('npm run bench', () => {
  it('measures every scenario, whatever its figures say', async () => {
    const file = join(temporaryFolder('bench-'), 'figures.json');
    const loader = ['--import', './src/cli/typescript-loader.mjs'];
    const args = [...loader, 'test/bench/main.ts', '--tiny', '--json', file];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    await once(child, 'close');
    expect(output).toContain('| e memory |');
    const { measured } = JSON.parse(readFileSync(file, 'utf8')) as Measured;
    const scenarios = new Set(Object.keys(measured).map((id) => id.split(/[ -]/)[0]));
    expect([...scenarios].sort()).toEqual(['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'b3', 'c1', 'c2', 'd', 'e', 'f']);
    const unmeasured = Object.entries(measured).filter(([, rounds]) => rounds.some(({ ours }) => Number.isNaN(ours)));
    expect(unmeasured).toEqual([]);
  }, 120_000);
});
