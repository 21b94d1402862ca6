// What the API's routes are given: narrow ports, built in main.ts for the platform and by specs for themselves.
import type { PodKey } from '@pods/contracts';
import type { ContainerViews, PodCommand, PodRefusal, PodState, StatusWords } from '@pods/domain-pods';
import type { EventLog, PodWriter, Replica } from '@pods/event-store';
import type { Authenticator, Roles } from '@pods/identity';
import type { Logger } from '@pods/service';
import type { DefinitionTooLarge } from './changes/definition-size.ts';
import type { LogRoom } from './changes/log-room.ts';
import type { ContainerLogs } from './container-logs/container-logs.ts';
import type { ErrorCodes } from './errors/refusal-table.ts';
import type { RequestMetrics } from './http/request-metrics.ts';
import type { Freshness } from './read-your-writes/freshness.ts';
import type { PodLimits } from './requests/pod-body.ts';

/** Settings that shape answers. */
export interface ApiSettings {
  /** What the envelope shows as `version`. */
  readonly version: string;
  readonly errorCodes: ErrorCodes;
  readonly statusWords: StatusWords;
  readonly limits: PodLimits;
  /** Origins of pages that may use the API beside the tenant's own; empty for no CORS. */
  readonly corsOrigins: readonly string[];
  /** Longest wait for the replica to show an own change, milliseconds. */
  readonly visibleWithinMs: number;
}

export interface ApiDeps {
  readonly settings: ApiSettings;
  readonly authenticator: Authenticator;
  readonly roles: Roles;
  readonly pods: Pick<Replica<PodState>, 'get' | 'entries' | 'whenVersion'>;
  readonly write: PodWriter<PodState, PodCommand, PodRefusal | DefinitionTooLarge>;
  readonly log: Pick<EventLog, 'read'>;
  readonly hasRoom: LogRoom;
  readonly freshness: Pick<Freshness, 'isCurrent' | 'mayShow' | 'whenAllShow'>;
  /** The last observations of a pod's container. */
  readonly containerStatus: (key: PodKey) => ContainerViews;
  readonly containerLogs: ContainerLogs;
  /** Unguessable and unique: ids of requests and commands. */
  readonly newId: () => string;
  /** Milliseconds for measuring durations. */
  readonly clock: () => number;
  readonly logger: Logger;
  readonly metrics: RequestMetrics;
}
