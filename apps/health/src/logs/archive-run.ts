// Archives the output of one ended run and says where it is to be recorded. Safe to repeat and to run in two
// processes at once: the first archive of a run counts.
import type { PodKey } from '@pods/contracts';
import { podKeyToString } from '@pods/contracts';
import type { HealthCommand } from '@pods/domain-pods';
import type { ArchiveStore } from './archive-store.ts';
import type { HeldLog, LogKeeper } from './keeper.ts';
import type { LogPlan } from './plan.ts';
import { archiveName } from './run-ref.ts';
import { storeWithRoom } from './store-with-room.ts';

export type ArchivePlan = Extract<LogPlan, { kind: 'archive' }>;

export interface ArchiveDeps {
  readonly keeper: Pick<LogKeeper, 'finish' | 'held'>;
  readonly store: Pick<ArchiveStore, 'find' | 'store' | 'list' | 'remove'>;
  /** An archive was removed to make room for a newer one. */
  readonly onEvicted: (name: string) => void;
  /** Longest reading of the output's end when somebody waits for the archive, milliseconds. */
  readonly hurryMs: number;
  readonly patienceMs: number;
}

export type Archived =
  | { readonly kind: 'record'; readonly command: Extract<HealthCommand, { type: 'RecordLogsArchived' }> }
  /** The run had output, but nothing of it is here: another process may hold it. */
  | { readonly kind: 'nothing-held' }
  /** There is output, and the store does not take it. */
  | { readonly kind: 'not-stored'; readonly error: unknown };

/** @throws what keeps the output from being read, unless in a hurry. */
export async function archiveRun(
  deps: ArchiveDeps,
  key: PodKey,
  plan: ArchivePlan,
  signal: AbortSignal,
): Promise<Archived> {
  const record = (object: string | null, sizeBytes: number): Archived => ({
    kind: 'record',
    command: { type: 'RecordLogsArchived', ...plan.of, object, sizeBytes },
  });
  if (!plan.mayHaveOutput) return record(null, 0);
  const name = archiveName(key, plan.of);
  try {
    const before = await deps.store.find(name);
    if (before !== undefined) return record(before.name, before.sizeBytes);
  } catch (error) {
    return { kind: 'not-stored', error };
  }
  const log = await readEnd(deps, podKeyToString(key), plan, signal);
  if (log === undefined) return { kind: 'nothing-held' };
  if (log.sizeBytes === 0) return record(null, 0);
  try {
    const stored = await storeWithRoom(deps, name, log.pieces, signal);
    return record(stored.name, stored.sizeBytes);
  } catch (error) {
    return { kind: 'not-stored', error };
  }
}

async function readEnd(
  deps: ArchiveDeps,
  key: string,
  plan: ArchivePlan,
  signal: AbortSignal,
): Promise<HeldLog | undefined> {
  const { of, target, hurry } = plan;
  const deadline = AbortSignal.timeout(hurry ? deps.hurryMs : deps.patienceMs);
  try {
    return await deps.keeper.finish(key, of, target, AbortSignal.any([signal, deadline]));
  } catch (error) {
    if (!hurry || signal.aborted) throw error;
    return deps.keeper.held(key, of);
  }
}
