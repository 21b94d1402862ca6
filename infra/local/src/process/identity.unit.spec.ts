// Guarantees about telling processes apart.
import { expect, it } from 'vitest';
import { parseStat } from './identity.ts';

it('reads state, session and start time whatever the name of the program is', () => {
  const rest = `S 1 2 3 0 -1 4 5 6 7 8 9 10 11 12 20 0 1 0 774411 9 9`;
  expect(parseStat(`42 (sh) ${rest}`)).toEqual({ state: 'S', session: 3, startTicks: '774411' });
  expect(parseStat(`42 (a) b (c d) ${rest}\n`)).toEqual({ state: 'S', session: 3, startTicks: '774411' });
});

it('reads nothing from a text that is cut off', () => {
  expect(parseStat('42 (sh) S 1 2 3')).toBeUndefined();
  expect(parseStat('')).toBeUndefined();
});
