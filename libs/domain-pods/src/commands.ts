// What can be asked of a pod (by users) and reported about it (by spawner and health). Commands order.
// Time and looked-up data ride in them.
import type { PodDefinition } from '@pods/contracts';
import type { Caller, Level } from './permissions.ts';
import type { Cause } from './state.ts';

/** On whose behalf and with which precondition; `needs` comes from the route table. */
interface ByUser {
  readonly caller: Caller;
  readonly needs: Level;
  /** Version the caller has seen (`If-Match`); absent for any. */
  readonly ifVersion?: number | undefined;
}

interface OfRun {
  readonly incarnation: number;
  readonly run: number;
}

interface OfPodObject extends OfRun {
  readonly podUid: string;
}

export type UserCommand =
  | {
      readonly type: 'CreatePod';
      readonly caller: Caller;
      readonly tenant: string;
      readonly podId: string;
      readonly site: string;
      readonly definition: PodDefinition;
      readonly modifiedFields: readonly string[];
      readonly statusRequested: 'ON' | 'OFF';
    }
  | ({
      readonly type: 'UpdatePod';
      /** Whole new values of the fields that were sent. */
      readonly changes: Partial<PodDefinition>;
      /** Names of the body keys that were sent; `resources.<key>` one by one. */
      readonly sentFields: readonly string[];
      readonly statusRequested?: 'ON' | 'OFF' | 'RESTART' | undefined;
    } & ByUser)
  | ({ readonly type: 'StartPod' } & ByUser)
  | ({ readonly type: 'StopPod' } & ByUser)
  | ({ readonly type: 'RestartPod' } & ByUser)
  | ({ readonly type: 'DeletePod' } & ByUser);

export type SpawnerCommand =
  /** Claims the next run for the wish `generation`. */
  | { readonly type: 'OpenRun'; readonly incarnation: number; readonly generation: number }
  | ({ readonly type: 'RecordObjectsCreated'; readonly podName: string; readonly address: string } & OfPodObject)
  /** `attempt`: which one failed, from 1 on; the same attempt counts once, whoever reports it. */
  | ({
      readonly type: 'RecordSpawnFailure';
      readonly attempt: number;
      readonly cause: Cause;
      readonly final: boolean;
    } & OfRun)
  | ({ readonly type: 'BeginTeardown' } & OfRun)
  | ({ readonly type: 'RecordStopped' } & OfRun)
  /** `lossesMax`: losses in a row after which the pod is given up; null for a loss that says nothing against the pod. */
  | ({
      readonly type: 'RecordLoss';
      readonly cause: Cause;
      readonly lossesMax: number | null;
      readonly at: string;
    } & OfPodObject);

export type HealthCommand =
  | ({ readonly type: 'RecordAvailable'; readonly startedAt: string } & OfPodObject)
  | ({
      readonly type: 'RecordCompleted';
      readonly cause: Cause;
      readonly exitCode: number;
      readonly finishedAt: string | null;
    } & OfPodObject)
  | ({
      readonly type: 'RecordErrored';
      readonly cause: Cause;
      readonly exitCode: number | null;
      readonly finishedAt: string | null;
      readonly neverRan: boolean;
    } & OfPodObject)
  /** `notKept`: why output that there was is not kept; absent otherwise. */
  | ({
      readonly type: 'RecordLogsArchived';
      readonly object: string | null;
      readonly sizeBytes: number;
      readonly notKept?: string;
    } & OfRun)
  | ({ readonly type: 'StopOnTime'; readonly now: string } & OfRun);

export type PodCommand = UserCommand | SpawnerCommand | HealthCommand;

/** Why a user's command was not carried out. */
export type PodRefusal =
  | { readonly code: 'PodNotFound' }
  | { readonly code: 'PodExists' }
  | { readonly code: 'NotAllowed'; readonly needs: Level }
  | { readonly code: 'PodNotStopped'; readonly status: string }
  | { readonly code: 'NoChanges' }
  | { readonly code: 'VersionMismatch'; readonly expected: number; readonly actual: number }
  | { readonly code: 'CommandIdReused' };
