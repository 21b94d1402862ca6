// The in-memory twin of a replica: follows the in-memory log, with the same memory as the real one.
import type { RecordedEvent } from '../port.ts';
import { LogUnavailableError } from '../port.ts';
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
      ending.resolve('ended');
      await applying;
    },
  });
  const ending = Promise.withResolvers<'ended'>();
  /** What the log must be asked for waits while the log is away, as the real replica does. */
  const applyOne = async (event: RecordedEvent): Promise<'applied' | 'ended'> => {
    for (;;) {
      try {
        await core.apply(event);
        return 'applied';
      } catch (error) {
        if (!(error instanceof LogUnavailableError)) throw error;
        const waited = await Promise.race([log.whenAvailable(), ending.promise]);
        if (waited === 'ended') return 'ended';
      }
    }
  };
  const applyAll = async (events: readonly RecordedEvent[]): Promise<void> => {
    for (const event of events) if ((await applyOne(event)) === 'ended') return;
    core.inStep();
  };
  let applying = applyAll(log.all());
  const unsubscribe = log.subscribe((event) => {
    applying = applying.then(() => applyAll([event]));
  });
  return core;
}
