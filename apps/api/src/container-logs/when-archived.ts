// Waits in the replica for the archive of a run that has just ended.
import { podKeyToString } from '@pods/contracts';
import type { LivePod, PodState } from '@pods/domain-pods';
import { isLive } from '@pods/domain-pods';
import type { Folded, Replica } from '@pods/event-store';
import type { Clock } from '@pods/service';
import type { RunKey, WhenArchived } from './container-logs.ts';

/** Storing takes a fraction of a second; who asks should not wait longer than a page may take. */
const waitMsMax = 3000;

export function createWhenArchived(
  replica: Pick<Replica<PodState>, 'get' | 'subscribe'>,
  clock: Pick<Clock, 'setTimer'>,
): WhenArchived {
  return async (run) => {
    const key = podKeyToString(run);
    const { promise, resolve } = Promise.withResolvers<LivePod | undefined>();
    const look = (folded: Folded<PodState> | undefined): void => {
      const verdict = judge(folded?.state, run);
      if (verdict !== 'wait') resolve(verdict);
    };
    const unsubscribe = replica.subscribe((changed, folded) => {
      if (changed === key) look(folded);
    });
    const cancel = clock.setTimer(waitMsMax, () => {
      resolve(undefined);
    });
    look(replica.get(key));
    const found = await promise;
    unsubscribe();
    cancel();
    return found;
  };
}

/** Undefined when this run's archive will not come any more: the pod is gone, or runs anew. */
function judge(state: PodState | undefined, run: RunKey): LivePod | undefined | 'wait' {
  if (state === undefined || !isLive(state) || state.incarnation !== run.incarnation) return undefined;
  if (state.run?.number !== run.run) return undefined;
  return state.run.logs === null ? 'wait' : state;
}
