// What one pass knows: what the log asks for and what the cluster holds. Data only.
import type { PodKey } from '@pods/contracts';
import type { Cause, LivePod } from '@pods/domain-pods';
import type { OwnedKind, PlatformEnd, RunManifests } from './kinds.ts';

/** An object in the cluster that carries this installation's labels for this pod. */
export interface OwnedObject {
  readonly kind: OwnedKind;
  readonly name: string;
  readonly uid: string;
  readonly incarnation: number;
  readonly run: number;
  /** Somebody has asked for its removal; it may still do its work for a while. */
  readonly deleting: boolean;
  /** Hash of what was asked for when it was written; null when it does not say. */
  readonly content: string | null;
  /** Address of a Service. */
  readonly clusterIp: string | null;
  /** For Pods. */
  readonly container: ContainerFacts | null;
}

export interface ContainerFacts {
  /** Whether a container of the Pod ever ran, so that there may be logs. */
  readonly ran: boolean;
  /** Why the platform, not the program, ended the Pod. */
  readonly platformEnd: PlatformEnd | null;
}

/** What the log says of a pod. */
export type Knowledge =
  | { readonly kind: 'live'; readonly pod: LivePod }
  /** The last event is a deletion: read from the log itself. */
  | { readonly kind: 'deleted'; readonly incarnation: number; readonly lastRun: number }
  /** The log holds nothing of this id: read from the log itself. */
  | { readonly kind: 'unknown' }
  /** The replica has not applied what the log holds. */
  | { readonly kind: 'behind' }
  /** The history holds events of a newer software version: nothing may be decided. */
  | { readonly kind: 'newer' };

/** What an open run is made from; or why it cannot be made. */
export type StartMaterials =
  | { readonly kind: 'manifests'; readonly manifests: RunManifests }
  | { readonly kind: 'impossible'; readonly cause: Cause };

export interface Snapshot {
  readonly key: PodKey;
  readonly knowledge: Knowledge;
  /**
   * From the cluster cache. When the run is open and the cache lacks its Pod or Service, these were read from the API
   * server itself: their absence here is certain.
   */
  readonly objects: readonly OwnedObject[];
  /** Names that the run needs and that objects of somebody else have, as `Pod pods-local-dev-x`. */
  readonly taken: readonly string[];
  /** Null where no run is open. */
  readonly start: StartMaterials | null;
  /** Since when the open run is being taken down, milliseconds since 1970; null when it is not. */
  readonly teardownSeenAt: number | null;
  /** Whether objects that the log does not account for may be removed (architecture.md section 4, rule 5). */
  readonly orphanRemoval: 'allowed' | 'refused';
}
