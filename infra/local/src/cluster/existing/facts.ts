// What an existing cluster and this machine tell about themselves. Reads only.
import { networkInterfaces } from 'node:os';
import { KubeError, type KubeConnection } from '@pods/kube';
import { z } from 'zod';

/** What is asked of the cluster; what this user may not read is undefined or empty. */
export type ClusterFacts = {
  readonly version: string;
  readonly uid: string | undefined;
  readonly apiService: { readonly address: string; readonly port: number } | undefined;
  readonly nodeAddresses: readonly string[];
};

const versionSchema = z.object({ gitVersion: z.string() });
const namespaceSchema = z.object({ metadata: z.object({ uid: z.string() }) });
const serviceSchema = z.object({
  spec: z.object({ clusterIP: z.string(), ports: z.array(z.object({ port: z.number() })).min(1) }),
});
const nodesSchema = z.object({
  items: z.array(
    z.object({
      status: z.object({ addresses: z.array(z.object({ type: z.string(), address: z.string() })).default([]) }),
    }),
  ),
});

const UNREADABLE: readonly KubeError['code'][] = ['Forbidden', 'NotFound'];

/** Asks. @throws KubeError */
export const readClusterFacts = async (connection: KubeConnection, signal: AbortSignal): Promise<ClusterFacts> => {
  const read = async <T>(path: string, schema: z.ZodType<T>): Promise<T> =>
    schema.parse(await (await connection.send({ method: 'GET', path, signal })).json());
  const readIfAllowed = async <T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> => {
    try {
      return await read(path, schema);
    } catch (error) {
      if (error instanceof KubeError && UNREADABLE.includes(error.code)) return undefined;
      throw error;
    }
  };
  const [version, system, service, nodes] = await Promise.all([
    read('/version', versionSchema),
    readIfAllowed('/api/v1/namespaces/kube-system', namespaceSchema),
    readIfAllowed('/api/v1/namespaces/default/services/kubernetes', serviceSchema),
    readIfAllowed('/api/v1/nodes', nodesSchema),
  ]);
  const [port] = service?.spec.ports ?? [];
  return {
    version: version.gitVersion,
    uid: system?.metadata.uid,
    apiService:
      service === undefined || port === undefined ? undefined : { address: service.spec.clusterIP, port: port.port },
    nodeAddresses: (nodes?.items ?? []).flatMap(({ status }) =>
      status.addresses.filter(({ type }) => type === 'InternalIP').map(({ address }) => address),
    ),
  };
};

/** Addresses of this machine that others may see; those of one link only are left out. */
export const ownAddresses = (): readonly string[] =>
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter((one) => !one.internal && !(one.family === 'IPv6' && one.scopeid !== 0))
    .map(({ address }) => address);

/** The range that holds one address and no other. */
export const rangeOf = (address: string): string => `${address}/${address.includes(':') ? 128 : 32}`;
