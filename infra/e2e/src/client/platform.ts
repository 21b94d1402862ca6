// Everything a spec needs of the running platform, opened once a file.
import type { PlatformInfo } from '@pods/testing';
import { eventually } from '@pods/testing';
import { afterAll, inject } from 'vitest';
import type { ApiClient, PodReply, Reply, Requester } from './api-client.ts';
import { logIn, openRequester } from './api-client.ts';
import type { ClusterView } from './cluster.ts';
import { openCluster } from './cluster.ts';
import type { HistoryReader } from './history.ts';
import { openHistory } from './history.ts';

export interface Platform {
  readonly tenant: string;
  readonly baseUrl: string;
  readonly edgePort: number;
  readonly request: Requester;
  readonly api: ApiClient;
  readonly logInAs: (username: string) => Promise<ApiClient>;
  readonly history: HistoryReader;
  readonly cluster: ClusterView;
  /** Waits until the pod shows this status. */
  readonly status: (podId: string, status: string, timeoutMs?: number) => Promise<PodReply>;
  /** The page at an entry's address, as a browser would get it. */
  readonly visit: (pod: PodReply, path?: string, key?: string) => Promise<Reply>;
}

/** Opens the platform of the run for the tenant `dev` as ada; it is closed after the file. */
export async function openPlatform(): Promise<Platform> {
  const platform = await connectPlatform(inject('platform'));
  afterAll(() => platform.history.close());
  return platform;
}

/** Opens any platform for the tenant `dev` as ada. Whoever does that closes its history. */
export async function connectPlatform(info: PlatformInfo): Promise<Platform> {
  const dev = info.tenants.find((tenant) => tenant.tenantId === 'dev');
  if (dev === undefined) throw new Error('the platform has no tenant dev');
  const request = openRequester(info.caFile);
  const logInAs = (username: string): Promise<ApiClient> =>
    logIn(request, dev.baseUrl, { username, password: `${username}-dev` });
  const [api, history] = await Promise.all([logInAs('ada'), openHistory(info.natsUrl, info.natsAdminSeedFile)]);
  return {
    tenant: dev.tenantId,
    baseUrl: dev.baseUrl,
    edgePort: info.edgePort,
    request,
    api,
    logInAs,
    history,
    cluster: openCluster(info.kubectl, info.kubeconfigFile, info.namespace),
    status: (podId, status, timeoutMs = 60_000) =>
      eventually(
        async () => {
          const pod = await api.get(podId);
          if (pod.status !== status)
            throw new Error(`${podId} is ${pod.status}: ${JSON.stringify(pod.status_container)}`);
          return pod;
        },
        { timeoutMs, intervalMs: 50 },
      ),
    visit: (pod, path = '/', key = 'default') => {
      const entry = pod.networking[key];
      if (entry === undefined) throw new Error(`no networking entry ${key}`);
      return request(`https://${entry.url}:${info.edgePort}${path}`);
    },
  };
}
