// Whether this machine reaches Services of an existing cluster, as Traefik has to. Sends nothing.
import { connect } from 'node:net';
import type { ExistingCluster } from './mark.ts';

const CONNECT_MS = 2_000;

/** `unknown`: this user may not read the address of the API server's Service, which is the one to try. */
export type Reach = 'reached' | 'not reached' | 'unknown';

/** Tries the API server's Service, which every cluster has. */
export const tryServices = async ({ apiService }: ExistingCluster): Promise<Reach> => {
  if (apiService === undefined) return 'unknown';
  const { promise, resolve } = Promise.withResolvers<Reach>();
  const socket = connect({ host: apiService.address, port: apiService.port, timeout: CONNECT_MS });
  socket.on('connect', () => {
    resolve('reached');
  });
  for (const event of ['error', 'timeout'])
    socket.on(event, () => {
      resolve('not reached');
    });
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
};

/** What whoever started the platform has to know; nothing when all is well. */
export const reachWarning = (reach: Reach, { namespace, apiService }: ExistingCluster): readonly string[] => {
  const remedy = [
    "To have pods' pages: set a route from this machine to the cluster's Services, or run this inside the cluster's network.",
    `Or, for one pod: kubectl -n ${namespace} port-forward service/NAME 5000`,
  ];
  switch (reach) {
    case 'reached':
      return [];
    case 'not reached':
      return [
        `This machine does not reach the cluster's Services (tried ${apiService?.address}:${apiService?.port}). Pods start, stop and`,
        'have logs, but Traefik cannot get at their pages: they answer 502 or 504.',
        ...remedy,
      ];
    case 'unknown':
      return [
        "Whether this machine reaches the cluster's Services could not be tried: this user may not read Service kubernetes",
        'in namespace default. If it does not, pods start and have logs, but their pages answer 502 or 504.',
        ...remedy,
      ];
  }
};
