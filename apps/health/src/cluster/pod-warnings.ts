// Reads what the cluster's components last warned of about a Pod: its events, as the API server keeps them for an hour.
import type { ClusterEvent, KubeClient } from '@pods/kube';
import type { PastTroubles } from '../reconcile/pod/start-trouble.ts';

/** Reason and message of the newest warning about the object with this UID; empty when there is none. @throws KubeError */
export async function newestWarning(client: Pick<KubeClient, 'list'>, podUid: string): Promise<string> {
  const events = await warningsOf(client, podUid);
  const newest = events.toSorted((a, b) => timeOf(a) - timeOf(b)).at(-1);
  if (newest === undefined) return '';
  return [newest.reason, newest.message].filter((text) => text !== undefined && text !== '').join(': ');
}

/** How often the container of this Pod failed to start, by the kubelet's own events, and since when. @throws KubeError */
export async function pastTroubles(client: Pick<KubeClient, 'list'>, podUid: string): Promise<PastTroubles> {
  return troublesOf(await warningsOf(client, podUid));
}

/** Texts are those of the kubelet's image_manager.go and kuberuntime_container.go. */
export function troublesOf(events: readonly ClusterEvent[]): PastTroubles {
  const failed = events.filter(({ reason }) => reason === 'Failed');
  const saying = (pattern: RegExp): readonly ClusterEvent[] =>
    failed.filter(({ message = '' }) => pattern.test(message));
  return {
    pull: totalOf(saying(/Failed to pull image/)),
    start: totalOf(saying(/Error: (?!ErrImagePull|ImagePullBackOff)/)),
  };
}

function totalOf(events: readonly ClusterEvent[]): PastTroubles['pull'] {
  if (events.length === 0) return null;
  return {
    failures: events.reduce((sum, { count, series }) => sum + (series?.count ?? count ?? 1), 0),
    sinceMs: Math.min(...events.map(firstTimeOf)),
  };
}

function firstTimeOf(event: ClusterEvent): number {
  const ms = Date.parse(event.firstTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? '');
  return Number.isNaN(ms) ? timeOf(event) : ms;
}

function warningsOf(client: Pick<KubeClient, 'list'>, podUid: string): Promise<readonly ClusterEvent[]> {
  return client.list('Event', { fieldSelector: `involvedObject.uid=${podUid},type=Warning` });
}

function timeOf({ lastTimestamp, series, eventTime, metadata }: ClusterEvent): number {
  const ms = Date.parse(series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '');
  return Number.isNaN(ms) ? 0 : ms;
}
