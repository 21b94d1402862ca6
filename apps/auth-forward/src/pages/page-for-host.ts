// From a host name to the pod behind it, for the splash page. The entries' own urls are the index: no splitting of names.
import type { LivePod, PodStatus } from '@pods/domain-pods';

/** Finds a pod's status by the host name of one of its entries. */
export interface HostIndex {
  readonly update: (key: string, pod: LivePod | undefined) => void;
  readonly statusAt: (host: string) => PodStatus | undefined;
}

export function createHostIndex(): HostIndex {
  const statusByHost = new Map<string, { readonly key: string; readonly status: PodStatus }>();
  const hostsByKey = new Map<string, readonly string[]>();
  return {
    update: (key, pod) => {
      for (const host of hostsByKey.get(key) ?? []) {
        if (statusByHost.get(host)?.key === key) statusByHost.delete(host);
      }
      hostsByKey.delete(key);
      if (pod === undefined) return;
      const hosts = Object.values(pod.definition.networking).map((entry) => entry.url);
      hostsByKey.set(key, hosts);
      for (const host of hosts) statusByHost.set(host, { key, status: pod.status });
    },
    statusAt: (host) => statusByHost.get(host)?.status,
  };
}

/** The host that the visitor asked for: the proxy's word before the request's own, first value, without port. */
export function visitedHost(headers: Headers): string {
  const value = headers.get('x-forwarded-host') ?? headers.get('host') ?? '';
  const [first = ''] = value.split(',');
  return first.trim().toLowerCase().replace(/:\d+$/, '');
}
