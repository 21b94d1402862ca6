// How a run is shown: a table for people, the same as JSON for programs. Pure.
import type { Measure, Unit } from './bench.ts';
import type { MachineFacts } from './machine.ts';

/** What came of one bench: its measures, or why it could not be run. */
export interface BenchResult {
  readonly letter: string;
  readonly title: string;
  readonly seconds: number;
  readonly measures: readonly Measure[];
  readonly failure?: string;
}

export interface Report {
  readonly startedAt: string;
  readonly machine: MachineFacts;
  readonly benches: readonly BenchResult[];
}

const columns = ['measure', 'n', 'p50', 'p95', 'compared', 'aim', ''] as const;

/** The table, in Markdown that is aligned for terminals too. */
export function renderTable({ machine, startedAt, benches }: Report): string {
  const { cpu, cpus, memoryGiB, system, node, loadBefore } = machine;
  const rows = benches.flatMap(rowsOf);
  const widths = columns.map((title, column) => Math.max(title.length, ...rows.map((row) => width(row[column] ?? ''))));
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((size, column) => pad(cells[column] ?? '', size, isNumber(column))).join(' | ')} |`;
  const rule = `| ${widths.map((size, column) => (isNumber(column) ? `${'-'.repeat(size - 1)}:` : '-'.repeat(size))).join(' | ')} |`;
  const failures = benches.flatMap(({ letter, failure }) =>
    failure === undefined ? [] : [`(${letter}) could not be run: ${failure}`],
  );
  return [
    `${startedAt}, ${cpus} × ${cpu}, ${memoryGiB} GiB, ${system}, Node ${node}, load before ${loadBefore}`,
    '',
    line(columns),
    rule,
    ...rows.map(line),
    ...(failures.length === 0 ? [] : ['', ...failures]),
  ].join('\n');
}

/** @returns the JSON document, ending with a newline. */
export function renderJson(report: Report): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

function rowsOf({ letter, measures }: BenchResult): readonly (readonly string[])[] {
  return measures.map(({ name, unit, n, p50, p95, ratio, aim }) => [
    `(${letter}) ${name}`,
    String(n),
    formatValue(p50, unit),
    n === 1 ? '' : formatValue(p95, unit),
    ratio === undefined ? '' : `${ratio.value.toFixed(2)} × ${ratio.of}`,
    aim?.text ?? '',
    aim === undefined ? '' : verdict(aim.met),
  ]);
}

function verdict(met: boolean): string {
  return met ? 'met' : 'MISSED';
}

/** `12.3 ms`, `1,234 /s`, `7.4 KiB`: three figures or so, which is more than such measurements are worth. */
function formatValue(value: number, unit: Unit): string {
  if (unit === 'bytes') return formatBytes(value);
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  const number = value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return unit === 'x' ? `${number} ×` : `${number} ${unit}`;
}

function formatBytes(bytes: number): string {
  if (Math.abs(bytes) < 1024) return `${Math.round(bytes)} B`;
  const steps = ['KiB', 'MiB', 'GiB'] as const;
  const step = Math.min(steps.length, Math.floor(Math.log2(Math.abs(bytes)) / 10));
  return `${(bytes / 1024 ** step).toFixed(1)} ${steps[step - 1] ?? 'GiB'}`;
}

function isNumber(column: number): boolean {
  return column >= 1 && column <= 3;
}

function pad(text: string, size: number, right: boolean): string {
  const space = ' '.repeat(size - width(text));
  return right ? space + text : text + space;
}

function width(text: string): number {
  return Array.from(text).length;
}
