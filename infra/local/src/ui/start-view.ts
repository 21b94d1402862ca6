// Shows a start while it happens. On a terminal the running steps are drawn again; elsewhere a line is written when a step
// is done, and now and then one that says what takes so long.
import type { Step, StepEvent } from '../steps/step.ts';
import { emptyBoard, liveRows, renderRow, update, type Board } from './board.ts';
import type { Screen } from './screen.ts';

const DRAW_MS = 100;
/** How often a step that takes long says so where nothing can be drawn again. */
const REMIND_MS = 15_000;

/** Shows events until it is closed. */
export type StartView = { readonly notify: (event: StepEvent) => void; readonly close: () => void };

const remind = (screen: Screen, board: Board, nowMs: number): void => {
  for (const row of liveRows(board).filter(({ state }) => state === 'running'))
    screen.print(renderRow(row, nowMs, screen.paint).replace(/^ {2}./, '  …'));
};

/** A view of these steps on a screen. */
export const createStartView = (screen: Screen, steps: readonly Step[]): StartView => {
  let board = emptyBoard(steps);
  let printedMs = performance.now();
  const draw = (): void => {
    const nowMs = performance.now();
    if (screen.isTerminal) {
      screen.show(liveRows(board).map((row) => renderRow(row, nowMs, screen.paint)));
    } else if (nowMs - printedMs > REMIND_MS) {
      remind(screen, board, nowMs);
      printedMs = nowMs;
    }
  };
  const timer = setInterval(draw, DRAW_MS);
  return {
    notify: (event) => {
      const nowMs = performance.now();
      const { board: next, final } = update(board, event, nowMs);
      board = next;
      if (final.length === 0) return;
      printedMs = nowMs;
      screen.print(...final.map((row) => renderRow(row, nowMs, screen.paint)));
      draw();
    },
    close: () => {
      clearInterval(timer);
      screen.show([]);
      const left = liveRows(board).filter(({ state }) => state === 'failed' || state === 'done');
      screen.print(...left.map((row) => renderRow(row, performance.now(), screen.paint)));
    },
  };
};
