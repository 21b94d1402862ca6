import { describe, expect, it } from 'vitest';
import type { Measure } from './bench.ts';
import type { Report } from './report.ts';
import { renderJson, renderTable } from './report.ts';

const plain: Measure = { name: 'plain', unit: 'ms', n: 20, p50: 1000, p95: 1234.4 };
const ours: Measure = {
  name: 'ours',
  unit: 'ms',
  n: 20,
  p50: 1250,
  p95: 12.34,
  ratio: { of: 'plain', value: 1.25 },
  aim: { text: 'p50 ≤ 1.1 × plain', met: false },
};

function reportOf(measures: readonly Measure[], failure?: string): Report {
  const bench = { letter: 'b', title: 'a start', seconds: 1, measures };
  return {
    startedAt: '2026-01-02T03:04:05Z',
    machine: { cpu: 'Some CPU', cpus: 2, memoryGiB: 8, system: 'Linux', node: 'v26.0.0', loadBefore: 0.1 },
    benches: [failure === undefined ? bench : { ...bench, failure }],
  };
}

function cellsOf(report: Report): readonly (readonly string[])[] {
  const lines = renderTable(report)
    .split('\n')
    .filter((line) => line.startsWith('| ('));
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe('the table', () => {
  it('shows each measure with its comparison, its aim and whether that is met', () => {
    const met = { ...ours, aim: { text: 'p50 ≤ 2 s', met: true } };
    expect(cellsOf(reportOf([plain, ours, met]))).toEqual([
      ['(b) plain', '20', '1,000 ms', '1,234 ms', '', '', ''],
      ['(b) ours', '20', '1,250 ms', '12.3 ms', '1.25 × plain', 'p50 ≤ 1.1 × plain', 'MISSED'],
      ['(b) ours', '20', '1,250 ms', '12.3 ms', '1.25 × plain', 'p50 ≤ 2 s', 'met'],
    ]);
  });

  it.each([
    [{ unit: 'bytes', p50: 900 }, '900 B'],
    [{ unit: 'bytes', p50: 7.5 * 1024 }, '7.5 KiB'],
    [{ unit: 'bytes', p50: 3 * 2 ** 30 }, '3.0 GiB'],
    [{ unit: '/s', p50: 12_345 }, '12,345 /s'],
    [{ unit: 's', p50: 9.876 }, '9.88 s'],
    [{ unit: 'ms', p50: -0.5 }, '-0.50 ms'],
    [{ unit: 'x', p50: 0.5 }, '0.50 ×'],
  ] as const)('shows %j as %s', (changed, expected) => {
    expect(cellsOf(reportOf([{ ...plain, ...changed }]))[0]?.[2]).toBe(expected);
  });

  it('leaves the p95 of a single sample out', () => {
    expect(cellsOf(reportOf([{ ...plain, n: 1 }]))[0]?.slice(1, 4)).toEqual(['1', '1,000 ms', '']);
  });

  it('is as wide in every line', () => {
    const widths = renderTable(reportOf([plain, ours]))
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .map((line) => Array.from(line).length);
    expect(new Set(widths).size).toBe(1);
  });

  it('says which bench could not be run, and why', () => {
    expect(renderTable(reportOf([], 'no room'))).toContain('(b) could not be run: no room');
  });
});

describe('the JSON document', () => {
  it('holds the whole report', () => {
    const report = reportOf([plain, ours]);
    expect(JSON.parse(renderJson(report))).toEqual(report);
  });
});
