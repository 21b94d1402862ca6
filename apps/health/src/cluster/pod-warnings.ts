// Reads what the cluster's components last warned of about a Pod: its events, as the API server keeps them for an hour.
import type { ClusterEvent, KubeClient } from '@pods/kube';

/** Reason and message of the newest warning about the object with this UID; empty when there is none. @throws KubeError */
export async function newestWarning(client: Pick<KubeClient, 'list'>, podUid: string): Promise<string> {
  const events = await client.list('Event', { fieldSelector: `involvedObject.uid=${podUid},type=Warning` });
  const newest = events.toSorted((a, b) => timeOf(a) - timeOf(b)).at(-1);
  if (newest === undefined) return '';
  return [newest.reason, newest.message].filter((text) => text !== undefined && text !== '').join(': ');
}

function timeOf({ lastTimestamp, series, eventTime, metadata }: ClusterEvent): number {
  const ms = Date.parse(series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '');
  return Number.isNaN(ms) ? 0 : ms;
}
