// Guarantees about what is shown of a start.
import { describe, expect, it } from 'vitest';
import type { Step, StepEvent } from '../steps/step.ts';
import { emptyBoard, liveRows, renderRow, update, type Board } from './board.ts';
import { formatDuration, paintFor } from './style.ts';

const steps = ['a', 'b', 'c'].map((id): Step => ({
  id,
  title: id,
  after: [],
  run: async () => await Promise.resolve(''),
}));
const [a, b, c] = steps;
if (a === undefined || b === undefined || c === undefined) throw new Error('three steps are needed');

const play = (events: readonly StepEvent[]): { readonly board: Board; readonly final: readonly string[] } => {
  let board = emptyBoard(steps);
  const final: string[] = [];
  for (const [index, event] of events.entries()) {
    const next = update(board, event, index * 1000);
    board = next.board;
    final.push(...next.final.map(({ id }) => id));
  }
  return { board, final };
};

const done = (step: Step): StepEvent => ({ kind: 'done', step, text: '', tookMs: 1 });

describe('update', () => {
  it('makes rows final in their order, whatever the order in which steps end', () => {
    expect(play([done(c), done(b)]).final).toEqual([]);
    expect(play([done(c), done(b), done(a)]).final).toEqual(['a', 'b', 'c']);
    expect(play([done(a), done(c), done(b)]).final).toEqual(['a', 'b', 'c']);
  });

  it('keeps showing what has begun and is not final', () => {
    const { board } = play([{ kind: 'begun', step: a }, { kind: 'begun', step: b }, done(b)]);
    expect(liveRows(board).map(({ id, state }) => [id, state])).toEqual([
      ['a', 'running'],
      ['b', 'done'],
    ]);
  });

  it('never makes a failed row final, and shows no row that was given up', () => {
    const { board, final } = play([
      { kind: 'begun', step: a },
      { kind: 'begun', step: b },
      { kind: 'failed', step: b },
      { kind: 'dropped', step: a },
    ]);
    expect(final).toEqual([]);
    expect(liveRows(board).map(({ id, state }) => [id, state])).toEqual([['b', 'failed']]);
  });
});

describe('renderRow', () => {
  const plain = paintFor(false, {});

  it('says what is done, how long it took and what came of it', () => {
    const row = { id: 'x', title: 'nats-server', state: 'done', text: 'ready', sinceMs: 0, tookMs: 61_000 } as const;
    expect(renderRow(row, 0, plain)).toMatch(/^ {2}✓ nats-server +1 min 1 s {2}ready$/);
  });

  it('counts the time of what runs', () => {
    const row = {
      id: 'x',
      title: 'programs',
      state: 'running',
      text: 'building kube',
      sinceMs: 1000,
      tookMs: 0,
    } as const;
    expect(renderRow(row, 4000, plain)).toMatch(/programs +3\.0 s {2}building kube$/);
  });
});

describe('style', () => {
  it('has no colour outside of a terminal, with NO_COLOR, or on a dumb one', () => {
    for (const paint of [paintFor(false, {}), paintFor(true, { NO_COLOR: '1' }), paintFor(true, { TERM: 'dumb' })])
      expect(paint.bad('x')).toBe('x');
    expect(paintFor(true, {}).bad('x')).toBe('\u001B[31mx\u001B[39m');
  });

  it.each([
    [40, '0.0 s'],
    [9_940, '9.9 s'],
    [9_960, '10 s'],
    [312_000, '5 min 12 s'],
    [3_600_000 * 3 + 420_000, '3 h 7 min'],
  ])('writes %d ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});
