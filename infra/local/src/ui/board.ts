// What is shown of a start: which lines are final and which may still change. Pure; writing them is screen.ts.
import type { StepEvent } from '../steps/step.ts';
import { formatDuration, type Paint } from './style.ts';

type State = 'waiting' | 'running' | 'done' | 'failed';

/** One step as it is shown. Times are milliseconds of the caller's clock. */
export type Row = {
  readonly id: string;
  readonly title: string;
  readonly state: State;
  readonly text: string;
  readonly sinceMs: number;
  readonly tookMs: number;
};

/** All steps in their order; `settled` of them are final and never shown again. */
export type Board = { readonly rows: readonly Row[]; readonly settled: number };

/** A board on which nothing has begun. */
export const emptyBoard = (steps: readonly { readonly id: string; readonly title: string }[]): Board => ({
  rows: steps.map(({ id, title }) => ({ id, title, state: 'waiting', text: '', sinceMs: 0, tookMs: 0 })),
  settled: 0,
});

const changed = (row: Row, event: StepEvent, nowMs: number): Row => {
  switch (event.kind) {
    case 'begun':
      return { ...row, state: 'running', sinceMs: nowMs };
    case 'progress':
      return { ...row, text: event.text };
    case 'done':
      return { ...row, state: 'done', text: event.text, tookMs: event.tookMs };
    case 'failed':
      return { ...row, state: 'failed', tookMs: nowMs - row.sinceMs };
    case 'dropped':
      return { ...row, state: 'waiting', text: '' };
  }
};

/** The board after an event, and the rows that are final now: in order, each after all before it. */
export const update = (
  board: Board,
  event: StepEvent,
  nowMs: number,
): { readonly board: Board; readonly final: readonly Row[] } => {
  const rows = board.rows.map((row) => (row.id === event.step.id ? changed(row, event, nowMs) : row));
  const open = rows.findIndex((row, index) => index >= board.settled && row.state !== 'done');
  const settled = open === -1 ? rows.length : open;
  return { board: { rows, settled }, final: rows.slice(board.settled, settled) };
};

/** The rows that may still change and have begun. */
export const liveRows = ({ rows, settled }: Board): readonly Row[] =>
  rows.slice(settled).filter(({ state }) => state !== 'waiting');

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const SPIN_MS = 100;
const TITLE_WIDTH = 19;

/** One line for a row. */
export const renderRow = (row: Row, nowMs: number, paint: Paint): string => {
  const title = row.title.padEnd(TITLE_WIDTH);
  switch (row.state) {
    case 'done':
      return `  ${paint.good('✓')} ${title} ${paint.dim(formatDuration(row.tookMs).padStart(12))}  ${row.text}`;
    case 'failed':
      return `  ${paint.bad('✗')} ${title} ${paint.dim(formatDuration(row.tookMs).padStart(12))}  ${row.text}`;
    case 'running': {
      const spin = SPINNER[Math.floor(nowMs / SPIN_MS) % SPINNER.length] ?? '';
      return `  ${paint.busy(spin)} ${title} ${paint.dim(formatDuration(nowMs - row.sinceMs).padStart(12))}  ${row.text}`;
    }
    case 'waiting':
      return `    ${title}`;
  }
};
