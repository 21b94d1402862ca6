// A Pod of the cluster as this app sees it: what of Kubernetes' object matters here, with our own names. No I/O.
import type { Cause } from '@pods/domain-pods';

/** State of the one container that counts. */
export type ObservedContainer =
  | { readonly kind: 'none' }
  | { readonly kind: 'waiting'; readonly reason: string; readonly message: string }
  | { readonly kind: 'running'; readonly startedAt: string }
  | {
      readonly kind: 'ended';
      readonly reason: string;
      /** What the program wrote last, never to be kept in history; the runtime's words when it never ran. */
      readonly message: string;
      readonly exitCode: number;
      /** Null when it never ran. */
      readonly startedAt: string | null;
      readonly finishedAt: string | null;
    };

export interface ObservedPod {
  readonly name: string;
  readonly uid: string;
  readonly incarnation: number;
  readonly run: number;
  /** Name of the container that counts: the first of the Pod. */
  readonly containerName: string;
  readonly image: string;
  /** As Kubernetes writes quantities; null for no limit. */
  readonly memoryLimit: string | null;
  /** What a node must have free for it, as `cpu 6, memory 12Gi`; empty for nothing. */
  readonly asksFor: string;
  readonly phase: string;
  /** What the Pod as a whole says of its end; empty texts for nothing. */
  readonly said: Cause;
  readonly createdAt: string;
  readonly startTime: string | null;
  /** Somebody asked for its deletion; when, as far as the object still says so. */
  readonly deletion: { readonly askedAt: string | null } | null;
  /** The platform ended it, not its program: a loss, which spawner records. */
  readonly endedByPlatform: boolean;
  /** What the scheduler says while no node was found; null once there is one. */
  readonly unplaced: (Cause & { readonly since: string }) | null;
  readonly container: ObservedContainer;
  readonly ready: boolean;
}
