import { median } from './figures.js';
import type { Figure, Target } from './scenario.js';

export interface Summary {
  id: string;
  what: string;
  unit: string;
  bare: number;
  ours: number;
  /** Median of the rounds' comparisons, and their extremes. */
  result: number;
  lowest: number;
  highest: number;
  target: string;
  isMet: boolean;
  lost: number;
}

/** What the rounds of one figure say. */
export function summarize(rounds: readonly Figure[]): Summary {
  const { id, what, unit, target } = rounds[0]!;
  const results = rounds.map((figure) => compare(figure));
  const result = median(results);
  const lost = rounds.reduce((sum, figure) => sum + (figure.lost ?? 0), 0);
  return {
    id,
    what,
    unit,
    bare: median(rounds.map(({ bare }) => bare)),
    ours: median(rounds.map(({ ours }) => ours)),
    result,
    lowest: Math.min(...results),
    highest: Math.max(...results),
    target: describe(target),
    isMet:
      lost === 0 && (!target || (result >= (target.atLeast ?? -Infinity) && result <= (target.atMost ?? Infinity))),
    lost,
  };
}

/** A table in Markdown. */
export function table(rows: readonly Summary[]): string {
  const lines = rows.map(
    ({ id, what, unit, bare, ours, result, lowest, highest, target, isMet, lost }) =>
      `| ${id} | ${what} | ${show(bare)} | ${show(ours)} | ${unit} | **${result.toFixed(2)}** | ${lowest.toFixed(2)}–${highest.toFixed(2)} | ${target} | ${target === '' ? '' : isMet ? 'met' : 'MISSED'} | ${lost} |`,
  );
  return [
    '| | what | bare | Parley | unit | compared | range | target | | lost |',
    '|---|---|---|---|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}

function compare({ bare, ours, target }: Figure): number {
  if (target?.by === 'value') return ours;
  return target?.by === 'difference' ? ours - bare : ours / bare;
}

function describe(target: Target | null): string {
  if (!target) return '';
  const limit = target.atLeast === undefined ? `≤ ${target.atMost}` : `≥ ${target.atLeast}`;
  return { ratio: `${limit} ×`, difference: `${limit} more`, value: limit }[target.by];
}

const show = (value: number) => (Number.isNaN(value) ? '–' : value.toFixed(value < 100 ? 2 : 0));
