import { expect, it } from 'vitest';
import { toWireTimestamp } from './instant.ts';

it.each([
  ['2024-02-13T20:58:31.358Z', '2024-02-13T20:58:31.358000'],
  ['2024-02-13T20:58:31Z', '2024-02-13T20:58:31.000000'],
  ['2024-02-13T20:58:31.358915Z', '2024-02-13T20:58:31.358000'],
  ['2024-02-13T21:58:31.358+01:00', '2024-02-13T20:58:31.358000'],
])('the instant %s goes out in UTC, with six digits and without an offset', (instant, onTheWire) => {
  expect(toWireTimestamp(instant)).toBe(onTheWire);
});
