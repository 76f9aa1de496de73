import { readFileSync } from 'node:fs';

/**
 * How long, in ms since the machine started, something that could have run waited for a processor. The difference of two readings
 * is what a limit of time must allow for on a machine that does other things, too. Always 0 where the kernel does not tell.
 */
export function stalledMs(): number {
  try {
    const [, total = '0'] = /^some .*total=(\d+)/m.exec(readFileSync('/proc/pressure/cpu', 'utf8')) ?? [];
    return Number(total) / 1_000;
  } catch {
    return 0;
  }
}
