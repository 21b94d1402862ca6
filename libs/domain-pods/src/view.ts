// The display shape of a pod on the wire (pods-api.md 4.1): what every "pod" result of the API holds.
import type { ContainerStatus, PodDefinition } from '@pods/contracts';
import { toWireTimestamp } from './instant.ts';
import type { LivePod, PodStatus } from './state.ts';
import { causeOf, openRunOf, statusRequestedOf, stopDeadlineOf } from './state.ts';

/** How status words are spelled: as documented, or as older clients know them (decisions.md, pods C1). */
export type StatusWords = 'documented' | 'older';

const olderWords: Readonly<Record<PodStatus, string>> = {
  REQUESTED: 'REQUESTED',
  SPAWNING: 'CREATING',
  AVAILABLE: 'AVAILABLE',
  STOPPED: 'STOPPED',
  RESTARTING: 'DELETING',
  SHUTTING_DOWN: 'DELETING',
  COMPLETE: 'COMPLETE',
  ERROR: 'ERROR',
};

export interface PodView extends PodDefinition {
  readonly pod_id: string;
  readonly template: string;
  readonly secret_map: Readonly<Record<string, string>>;
  readonly volume_mounts: Readonly<Record<string, unknown>>;
  readonly template_overrides: null;
  readonly status_requested: 'ON' | 'OFF' | 'RESTART';
  readonly status: string;
  readonly status_container: Readonly<Record<string, unknown>>;
  readonly time_to_stop_ts: string | null;
  readonly start_instance_ts: string | null;
  readonly creation_ts: string;
  readonly update_ts: string;
}

/** What was last seen of the container: by health, and what spawner waits for. */
export interface ContainerViews {
  readonly observed?: ContainerStatus | undefined;
  readonly progress?: ContainerStatus | undefined;
}

/** Renders a pod. Observations of another incarnation or run are left out. */
export function viewPod(pod: LivePod, seen: ContainerViews, words: StatusWords = 'documented'): PodView {
  const startedAt = openRunOf(pod)?.startedAt ?? null;
  const deadline = stopDeadlineOf(pod);
  return {
    pod_id: pod.podId,
    ...pod.definition,
    template: '',
    secret_map: {},
    volume_mounts: {},
    template_overrides: null,
    status_requested: statusRequestedOf(pod),
    status: words === 'older' ? olderWords[pod.status] : pod.status,
    status_container: viewContainer(pod, seen),
    time_to_stop_ts: deadline === null ? null : toWireTimestamp(deadline.at),
    start_instance_ts: startedAt === null ? null : toWireTimestamp(startedAt),
    creation_ts: toWireTimestamp(pod.createdAt),
    update_ts: toWireTimestamp(pod.updatedAt),
  };
}

/** Why an entry has no route yet, or null when it has one (decisions.md, networking before the edge is complete). */
export function routeObstacleOf(entry: PodDefinition['networking'][string]): string | null {
  if (entry.protocol === 'local_only') return null;
  if (entry.protocol !== 'http') return `protocol ${entry.protocol}`;
  if (entry.tapis_auth) return 'tapis_auth';
  return entry.ip_allow_list.length > 0 ? 'ip_allow_list' : null;
}

function viewContainer(pod: LivePod, seen: ContainerViews): Readonly<Record<string, unknown>> {
  if (pod.status === 'STOPPED') return {};
  const observed = ofCurrentRun(pod, seen.observed);
  const shown = observed ?? ofCurrentRun(pod, seen.progress);
  const message = joined([causeText(pod), shown?.message, obstacleText(pod)]);
  if (shown === undefined) return message === '' ? {} : { phase: 'Unknown', start_time: null, message };
  const { phase, startTime, ready } = shown;
  return { phase, start_time: startTime, message, ...(ready === null ? {} : { ready }) };
}

function joined(texts: readonly (string | undefined)[]): string {
  return texts.filter((text) => text !== undefined && text !== '').join('; ');
}

function ofCurrentRun(pod: LivePod, status: ContainerStatus | undefined): ContainerStatus | undefined {
  const run = openRunOf(pod)?.number ?? 0;
  return status?.incarnation === pod.incarnation && status.run === run ? status : undefined;
}

function causeText(pod: LivePod): string | undefined {
  const cause = causeOf(pod);
  if (cause === null) return undefined;
  return cause.message === '' ? cause.reason : `${cause.reason}: ${cause.message}`;
}

function obstacleText(pod: LivePod): string | undefined {
  const blocked = Object.entries(pod.definition.networking).flatMap(([key, entry]) => {
    const obstacle = routeObstacleOf(entry);
    return obstacle === null ? [] : [`${key} (${obstacle})`];
  });
  return blocked.length === 0 ? undefined : `no route yet for networking ${blocked.join(', ')}`;
}
