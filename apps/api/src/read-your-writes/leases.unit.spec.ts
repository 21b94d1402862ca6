import { beforeEach, describe, expect, it } from 'vitest';
import type { Leases } from './leases.ts';
import { createLeases } from './leases.ts';

const leaseMs = 1000;
let leases: Leases;

beforeEach(() => {
  leases = createLeases({ instance: 'me', leaseMs });
});

const own = (sentAt: number, heardAt = sentAt): void =>
  leases.heard({ instance: 'me', seq: 0, sentAt, leaving: false }, heardAt);
const other = (seq: number, heardAt: number, instance = 'other', leaving = false): void =>
  leases.heard({ instance, seq, sentAt: -1, leaving }, heardAt);

/** Serving since 0 and past the time in which unknown others may be about. */
function serving(until: number): void {
  for (let now = 0; now <= until; now += 250) own(now);
  leases.joined(leases.term(until));
}

describe('a process', () => {
  it('shows pods from the moment it has joined until its announcements stop coming back', () => {
    expect(leases.isCurrent(0)).toBe(false);
    own(0);
    expect(leases.isCurrent(1)).toBe(false);
    leases.joined(leases.term(1));
    expect(leases.isCurrent(1)).toBe(true);
    expect(leases.isCurrent(999)).toBe(true);
    expect(leases.isCurrent(1000)).toBe(false);
  });

  it('counts its lease from when it sent an announcement, however late that came back', () => {
    own(0, 900);
    leases.joined(leases.term(900));
    expect(leases.isCurrent(999)).toBe(true);
    expect(leases.isCurrent(1001)).toBe(false);
  });

  it('must join anew after a gap', () => {
    serving(2000);
    expect(leases.isCurrent(2100)).toBe(true);
    own(3500);
    expect(leases.isCurrent(3500)).toBe(false);
    leases.joined(1);
    expect(leases.isCurrent(3500)).toBe(false);
    leases.joined(leases.term(3500));
    expect(leases.isCurrent(3500)).toBe(true);
  });

  it('stops showing pods when it is behind what it heard of for half a lease', () => {
    serving(2000);
    other(5, 2000);
    expect(leases.isCurrent(2499)).toBe(true);
    other(6, 2400);
    own(2500);
    expect(leases.isCurrent(2500)).toBe(false);
    leases.applied(5);
    expect(leases.isCurrent(2500)).toBe(true);
    own(2900);
    expect(leases.isCurrent(2900)).toBe(false);
    leases.applied(6);
    expect(leases.isCurrent(2900)).toBe(true);
  });
});

describe('a process that is cut off', () => {
  it('goes on showing pods when there was nobody else', () => {
    serving(2000);
    expect(leases.isCurrent(9000)).toBe(false);
    expect(leases.mayShow(9000)).toBe(true);
  });

  it('shows none when another may have gone on without it', () => {
    serving(2000);
    other(0, 2000);
    expect(leases.mayShow(2400)).toBe(true);
    expect(leases.mayShow(9000)).toBe(false);
  });

  it('shows none when it has not listened long enough to know that it is alone', () => {
    own(0);
    leases.joined(leases.term(0));
    expect(leases.mayShow(500)).toBe(true);
    expect(leases.mayShow(9000)).toBe(false);
  });

  it('knows that it is alone again when the other has left, or was silent for a lease that this one held', () => {
    serving(2000);
    other(0, 2000);
    other(0, 2100, 'other', true);
    expect(leases.mayShow(9000)).toBe(true);
    other(0, 2100);
    for (let now = 2200; now <= 3200; now += 200) own(now);
    expect(leases.mayShow(9000)).toBe(true);
  });

  it('shows none while it is behind what it has heard of', () => {
    serving(2000);
    other(5, 2000);
    other(5, 2001, 'other', true);
    expect(leases.mayShow(9000)).toBe(false);
    leases.applied(5);
    expect(leases.mayShow(9000)).toBe(true);
  });
});

describe('a change', () => {
  it('waits for nobody when this process is alone', () => {
    serving(2000);
    expect(leases.waitsUntil(7, 2000)).toBeUndefined();
  });

  it('waits for each holder until it has applied the event or lost its lease', () => {
    serving(2000);
    other(6, 1900, 'a');
    other(6, 2000, 'b');
    expect(leases.waitsUntil(6, 2000)).toBeUndefined();
    expect(leases.waitsUntil(7, 2000)).toBe(2900);
    other(7, 2100, 'a');
    expect(leases.waitsUntil(7, 2100)).toBe(3000);
    own(2750);
    expect(leases.waitsUntil(7, 3000)).toBeUndefined();
  });

  it('does not wait for a process that has left', () => {
    serving(2000);
    other(6, 2000);
    other(6, 2001, 'other', true);
    expect(leases.waitsUntil(7, 2001)).toBeUndefined();
    expect(leases.hasOthers(2001)).toBe(false);
  });

  it('waits a whole lease while holders may be about that were not heard yet', () => {
    own(0);
    expect(leases.waitsUntil(7, 100)).toBe(1000);
    own(900);
    expect(leases.waitsUntil(7, 1000)).toBeUndefined();
  });

  it('waits while this process has lost its lease: others may be about that it does not hear', () => {
    serving(2000);
    other(6, 2000);
    expect(leases.waitsUntil(7, 5000)).toBe(6000);
    own(5100);
    expect(leases.waitsUntil(7, 5100)).toBe(6100);
    own(6000);
    expect(leases.waitsUntil(7, 6100)).toBeUndefined();
  });

  it('is not held up by an announcement that comes out of order', () => {
    serving(2000);
    other(7, 2000);
    other(6, 2001);
    expect(leases.waitsUntil(7, 2001)).toBeUndefined();
  });
});
