// Carries out what is planned for a pod's container output. Safe to repeat.
import type { PodKey } from '@pods/contracts';
import { podKeyToString } from '@pods/contracts';
import type { Clock, Logger } from '@pods/service';
import type { Recorder } from '../reconcile/pod/record.ts';
import type { ArchiveDeps, ArchivePlan } from './archive-run.ts';
import { archiveRun } from './archive-run.ts';
import { ArchiveStoreFullError } from './archive-store.ts';
import type { LogKeeper } from './keeper.ts';
import type { LogPlan } from './plan.ts';

export interface LogTenderDeps {
  readonly keeper: Pick<LogKeeper, 'follow' | 'holds' | 'drop'>;
  readonly archive: ArchiveDeps;
  readonly record: Recorder;
  readonly clock: Pick<Clock, 'now'>;
  /** How long a run whose output is not here is left to other processes, milliseconds. */
  readonly othersMs: number;
  /** How long a store that does not take a run's output is tried, milliseconds. One that is full is not tried again. */
  readonly storeMs: number;
  /** The output of a run could not be kept. */
  readonly onNotKept: () => void;
  readonly log: Logger;
}

export interface LogTender {
  /**
   * Milliseconds after which to look again; undefined for not by itself.
   * @throws what keeps output from being read, recorded, or (for a while) stored
   */
  readonly tend: (key: PodKey, plan: LogPlan, signal: AbortSignal) => Promise<number | undefined>;
  /** Whether `tend` would have something to do. */
  readonly isDue: (key: PodKey, plan: LogPlan) => boolean;
  /** Lets go of a pod that is gone. */
  readonly forget: (name: string) => void;
}

export function createLogTender(deps: LogTenderDeps): LogTender {
  const { keeper, record, clock, othersMs, storeMs, log } = deps;
  /** Since when the output of an ended run is missing here, by pod. */
  const missingSince = new Map<string, number>();
  /** Since when the store does not take the output of an ended run, by pod. */
  const untakenSince = new Map<string, number>();

  const giveUpOrThrow = async (key: PodKey, plan: ArchivePlan, error: unknown): Promise<undefined> => {
    const name = podKeyToString(key);
    const since = untakenSince.get(name) ?? clock.now();
    untakenSince.set(name, since);
    const isFull = error instanceof ArchiveStoreFullError;
    if (!isFull && clock.now() - since < storeMs) throw error;
    log.warn({ ...key, ...plan.of, err: error }, 'the output of a run could not be kept');
    const notKept = isFull
      ? 'the output of this run could not be kept, because the store of logs is full'
      : 'the output of this run could not be kept, because the store of logs did not work';
    await record(key, { type: 'RecordLogsArchived', ...plan.of, object: null, sizeBytes: 0, notKept });
    deps.onNotKept();
    return undefined;
  };
  const archive = async (key: PodKey, plan: ArchivePlan, signal: AbortSignal): Promise<number | undefined> => {
    const archived = await archiveRun(deps.archive, key, plan, signal);
    if (archived.kind === 'record') {
      await record(key, archived.command);
      return undefined;
    }
    if (archived.kind === 'not-stored') return giveUpOrThrow(key, plan, archived.error);
    // The process that followed the container may be about to store its output.
    const name = podKeyToString(key);
    const since = missingSince.get(name) ?? clock.now();
    missingSince.set(name, since);
    const waitMs = since + othersMs - clock.now();
    if (waitMs > 0) return waitMs;
    log.warn({ ...key, ...plan.of }, 'the output of a run is lost');
    await record(key, { type: 'RecordLogsArchived', ...plan.of, object: null, sizeBytes: 0 });
    return undefined;
  };

  const forget = (name: string): void => {
    missingSince.delete(name);
    untakenSince.delete(name);
  };

  return {
    tend: async (key, plan, signal) => {
      const name = podKeyToString(key);
      if (plan.kind === 'archive') return archive(key, plan, signal);
      forget(name);
      if (plan.kind === 'follow') keeper.follow(name, plan.target);
      else keeper.drop(name, plan.kind === 'hold' ? plan.of : undefined);
      return undefined;
    },
    isDue: (key, plan) => {
      const name = podKeyToString(key);
      if (plan.kind === 'archive') return !missingSince.has(name);
      return plan.kind === 'follow' && !keeper.holds(name, plan.target);
    },
    forget: (name) => {
      forget(name);
      keeper.drop(name);
    },
  };
}
