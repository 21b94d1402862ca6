// The in-memory twin of a replica: follows the in-memory log, with the same memory as the real one.
import type { RecordedEvent } from '../port.ts';
import type { ReplicaAggregate } from '../replica/replica-core.ts';
import { createReplicaCore } from '../replica/replica-core.ts';
import type { Replica } from '../replica/replica.ts';
import type { MemoryLog } from './memory-log.ts';

/** A replica of `log`, caught up with what is in it as soon as `caughtUp` resolves. */
export function createMemoryReplica<State, Event extends { readonly type: string }>(
  log: MemoryLog,
  aggregate: ReplicaAggregate<State, Event>,
): Replica<State> {
  const core = createReplicaCore({
    aggregate,
    log,
    close: async () => {
      unsubscribe();
      await applying;
    },
  });
  const applyAll = async (events: readonly RecordedEvent[]): Promise<void> => {
    for (const event of events) await core.apply(event);
    core.inStep();
  };
  let applying = applyAll(log.all());
  const unsubscribe = log.subscribe((event) => {
    applying = applying.then(() => applyAll([event]));
  });
  return core;
}
