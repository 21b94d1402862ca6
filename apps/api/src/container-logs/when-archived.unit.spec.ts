// Waiting for an archive ends with it, with what makes it pointless, or at its deadline.
import type { PodEvent } from '@pods/contracts';
import type { PodState } from '@pods/domain-pods';
import { eventsOfStart, foldEvents, podCreated } from '@pods/domain-pods/testing';
import type { Folded, Replica, ReplicaListener } from '@pods/event-store';
import { manualClock } from '@pods/service/testing';
import { describe, expect, it } from 'vitest';
import { createWhenArchived } from './when-archived.ts';

const key = { tenant: 'dev', podId: 'docpod', incarnation: 1, run: 1 };
const ended: PodEvent = {
  type: 'PodCompleted',
  incarnation: 1,
  run: 1,
  podUid: 'uid-1',
  reason: 'Completed',
  message: '',
  exitCode: 0,
  finishedAt: null,
};
const archived: PodEvent = { type: 'PodLogsArchived', incarnation: 1, run: 1, object: 'logs-1', sizeBytes: 4 };
const history = [podCreated(), ...eventsOfStart(), ended];

const folded = (events: readonly PodEvent[]): Folded<PodState> => ({
  state: foldEvents(events),
  version: events.length,
  hash: '',
  seq: events.length,
  newerThanMe: false,
});

/** A replica that shows what it is told to. */
function toldReplica() {
  const listeners = new Set<ReplicaListener<PodState>>();
  let now: Folded<PodState> | undefined = folded(history);
  const replica: Pick<Replica<PodState>, 'get' | 'subscribe'> = {
    get: () => now,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const show = (events: readonly PodEvent[] | undefined, event: PodEvent): void => {
    now = events === undefined ? undefined : folded(events);
    const recorded = { ...recordedOf(event), version: now?.version ?? 0, seq: now?.seq ?? 0 };
    for (const listener of listeners) listener('dev.docpod', now, recorded);
  };
  return { replica, show, listening: () => listeners.size };
}

function recordedOf({ type, ...body }: PodEvent) {
  const meta = { eventId: '', causeId: '', causeHash: '', actor: '', schema: 1, previousHash: '', hash: '', at: '' };
  return { ...meta, key: ['dev', 'docpod'], type, body };
}

describe('waiting for an archive', () => {
  it('ends when it is recorded', async () => {
    const { replica, show, listening } = toldReplica();
    const found = createWhenArchived(replica, manualClock())(key);
    show([...history, archived], archived);
    expect(await found).toMatchObject({ run: { logs: { object: 'logs-1' } } });
    expect(listening()).toBe(0);
  });
  it('ends at once when it is there', async () => {
    const { replica, show } = toldReplica();
    show([...history, archived], archived);
    expect(await createWhenArchived(replica, manualClock())(key)).toMatchObject({ status: 'COMPLETE' });
  });
  it('ends when the pod is gone', async () => {
    const { replica, show } = toldReplica();
    const found = createWhenArchived(replica, manualClock())(key);
    show(undefined, { type: 'PodDeleted', incarnation: 1, lastRun: 1 });
    expect(await found).toBeUndefined();
  });
  it('ends at its deadline', async () => {
    const { replica, listening } = toldReplica();
    const clock = manualClock();
    const found = createWhenArchived(replica, clock)(key);
    clock.advance(3000);
    expect(await found).toBeUndefined();
    expect(listening()).toBe(0);
  });
});
