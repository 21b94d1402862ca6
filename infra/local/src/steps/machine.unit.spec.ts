// Guarantees about reading who listens on which port.
import { expect, it } from 'vitest';
import { parseListeners } from './machine.ts';

const TEXT = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:107E 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 23456 1 0000 100 0 0 10 0
   1: 0100007F:C350 0100007F:107E 01 00000000:00000000 00:00000000 00000000     0        0 34567 1 0000 20 4 30 10 -1
   2: 00000000:192B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 45678 1 0000 100 0 0 10 0
`;

it('finds listening sockets only, with the number that leads to their process', () => {
  expect([...parseListeners(TEXT)]).toEqual([
    [4222, '23456'],
    [6443, '45678'],
  ]);
});

it('finds none in an empty table', () => {
  expect(parseListeners('').size).toBe(0);
});
