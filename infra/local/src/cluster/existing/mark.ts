// What a state folder keeps about a cluster that it uses and that is not its own, in cluster.json. As long as the file is
// there, there may be something of this installation in that cluster.
import { join } from 'node:path';
import { z } from 'zod';
import { putFile, readIfThere } from '../../files/put-file.ts';

const schema = z.object({
  context: z.string(),
  server: z.string(),
  version: z.string(),
  /** UID of the namespace kube-system, by which clusters are told apart; missing when this user may not read it. */
  uid: z.string().optional(),
  namespace: z.string(),
  /** Address and port of the API server's Service; missing when this user may not read it. */
  apiService: z.object({ address: z.string(), port: z.number() }).optional(),
  /** Where requests of Traefik come from, as pods see it. */
  edgeCidrs: z.array(z.string()),
  /** What pods must not reach. */
  deniedCidrs: z.array(z.string()),
});

/** An existing cluster, as it was found by the last start. */
export type ExistingCluster = Readonly<z.infer<typeof schema>>;

/** Name of the file in the state folder. */
export const CLUSTER_MARK = 'cluster.json';

/** The existing cluster of a state folder; undefined when it has a cluster of its own, or none yet. */
export const readExistingCluster = async (stateFolder: string): Promise<ExistingCluster | undefined> => {
  const content = await readIfThere(join(stateFolder, CLUSTER_MARK));
  return content === undefined ? undefined : schema.parse(JSON.parse(content));
};

/** Keeps it. */
export const writeExistingCluster = async (stateFolder: string, cluster: ExistingCluster): Promise<void> => {
  await putFile(join(stateFolder, CLUSTER_MARK), `${JSON.stringify(cluster, undefined, 2)}\n`);
};
