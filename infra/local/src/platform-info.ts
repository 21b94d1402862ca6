// What a running platform tells specs and tools about itself, in platform.json of the state folder. Holds no secret, only
// where secrets are.
import { join } from 'node:path';
import { opsUrlOf } from './apps/app-part.ts';
import { appDefinitions, apiDatabaseUrlFile } from './apps/apps.ts';
import { kubeconfigOf } from './cluster/certificates.ts';
import { putFile } from './files/put-file.ts';
import { readIdentity } from './identity/identity-file.ts';
import { edgeAuthorityFile } from './parts/edge.ts';
import { natsUrl, seedFileOf } from './parts/nats.ts';
import type { Platform } from './platform.ts';

/** Address of the api process itself, past the edge. */
const apiUrlOf = ({ settings }: Platform): string => `http://127.0.0.1:${settings.ports.api}`;

/** Writes the file; the last thing that a start does before it says that everything is up. */
export const writePlatformInfo = async (platform: Platform, kubectl: readonly string[]): Promise<void> => {
  const { settings, folders, installationId } = platform;
  const { tenants } = await readIdentity(settings);
  const info = {
    site: settings.site,
    installationId,
    namespace: settings.namespace,
    edgePort: settings.ports.edge,
    tenants: tenants.map(({ id, baseUrl, host }) => ({ tenantId: id, baseUrl, host })),
    caFile: edgeAuthorityFile(platform),
    apiUrl: apiUrlOf(platform),
    natsUrl: natsUrl(platform),
    natsAdminSeedFile: seedFileOf(platform, 'admin'),
    databaseUrlFile: apiDatabaseUrlFile(platform),
    kubeconfigFile: kubeconfigOf(platform, 'admin'),
    kubectl: [...kubectl, `--kubeconfig=${kubeconfigOf(platform, 'admin')}`],
    stateDir: folders.state,
    logDir: folders.log,
    // No process ids: a process that ends by itself gets a successor with another one, which is in its record.
    processes: appDefinitions.map((app) => ({ name: app.name, opsUrl: opsUrlOf(platform, app) })),
  };
  await putFile(join(folders.state, 'platform.json'), `${JSON.stringify(info, undefined, 2)}\n`);
};
