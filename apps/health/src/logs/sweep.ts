// Removes archived logs that are of no use any more, now and then.
import type { PodKey } from '@pods/contracts';
import type { PodState } from '@pods/domain-pods';
import { isLive } from '@pods/domain-pods';
import type { Replica } from '@pods/event-store';
import type { Logger } from '@pods/service';
import { pause } from '@pods/service';
import type { ArchiveStore } from './archive-store.ts';
import type { RetentionPolicy } from './retention.ts';
import { planRetention } from './retention.ts';

export interface SweepDeps {
  readonly store: Pick<ArchiveStore, 'list' | 'remove'>;
  readonly replica: Pick<Replica<PodState>, 'get' | 'lagMs' | 'failure'>;
  readonly now: () => number;
  readonly policy: RetentionPolicy;
  readonly log: Logger;
}

/** A replica that is further behind than this is not asked which pods exist. */
const lagMsMax = 30_000;

/** One sweep; answers how many archives it removed. */
async function sweepArchives({ store, replica, now, policy, log }: SweepDeps): Promise<number> {
  if (replica.lagMs > lagMsMax || replica.failure !== undefined) return 0;
  const incarnationOf = ({ tenant, podId }: PodKey): number | 'unreadable' | undefined => {
    const folded = replica.get([tenant, podId]);
    if (folded === undefined) return undefined;
    if (folded.newerThanMe) return 'unreadable';
    return isLive(folded.state) ? folded.state.incarnation : undefined;
  };
  const names = planRetention(await store.list(), incarnationOf, now(), policy);
  for (const name of names) await store.remove(name);
  if (names.length > 0) log.info({ count: names.length }, 'archived logs removed');
  return names.length;
}

/** Sweeps at an interval until the signal aborts. */
export async function sweepEvery(ms: number, deps: SweepDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await sweepArchives(deps);
    } catch (err) {
      deps.log.warn({ err }, 'archived logs could not be swept');
    }
    await pause(ms, signal).catch(() => undefined);
  }
}
