// Gives every app what it needs before it starts: streams, tables, an account in the cluster. What that is, and who may do
// what with it, is @pods/provision's.
import { readFile } from 'node:fs/promises';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { topology } from '@pods/contracts';
import {
  createAppKubeconfig,
  localSizes,
  natsInboxPrefix,
  provisionKubernetes,
  provisionNats,
  provisionPostgres,
} from '@pods/provision';
import { apiDatabaseUrlFile, appKubeconfigFile } from '../apps/apps.ts';
import { earlyEnd, isCurrentKubeconfig } from '../cluster/app-kubeconfig.ts';
import { kubeconfigOf } from '../cluster/certificates.ts';
import { ensurePassword } from '../files/password.ts';
import { putSecret } from '../files/put-file.ts';
import { natsUrl, seedFileOf } from '../parts/nats.ts';
import { adminDatabaseUrl } from '../parts/postgres.ts';
import type { Platform } from '../platform.ts';

const provisionStreams = async (platform: Platform): Promise<number> => {
  const seed = await readFile(seedFileOf(platform, 'admin'), 'utf8');
  const connection = await connect({
    servers: natsUrl(platform),
    name: 'provision',
    inboxPrefix: natsInboxPrefix('admin'),
    authenticator: nkeyAuthenticator(new TextEncoder().encode(seed.trim())),
  });
  try {
    const { created } = await provisionNats(connection, { names: topology(), replicas: 1, maxBytes: localSizes });
    return created.length;
  } finally {
    await connection.close();
  }
};

const provisionTables = async (platform: Platform): Promise<number> => {
  const { apiUrl, migrated } = await provisionPostgres({
    adminUrl: await adminDatabaseUrl(platform),
    owner: { name: 'pods_owner', password: await ensurePassword(platform, 'postgres-owner') },
    api: { name: 'pods_api', password: await ensurePassword(platform, 'postgres-api') },
  });
  await putSecret(apiDatabaseUrlFile(platform), `${apiUrl}\n`);
  return migrated.length;
};

/** @returns what whoever started the platform has to know about the accounts. */
const provisionAccounts = async (platform: Platform): Promise<string> => {
  const cluster = { kubeconfigFile: kubeconfigOf(platform, 'admin'), namespace: platform.settings.namespace };
  await provisionKubernetes(
    platform.existing === undefined ? cluster : { ...cluster, installation: platform.installationId },
  );
  for (const app of ['spawner', 'health'] as const) {
    const file = appKubeconfigFile(platform, app);
    // A new token would make the app start again.
    if (!(await isCurrentKubeconfig(file, cluster, new Date())))
      await putSecret(file, await createAppKubeconfig({ ...cluster, app }));
  }
  const end = await earlyEnd(appKubeconfigFile(platform, 'spawner'), new Date());
  return end === undefined
    ? ''
    : `this cluster's tokens end at ${end.toISOString()}: npm start before then renews them`;
};

/** Does all of it, at once where nothing waits for another. */
export const provision = async (platform: Platform): Promise<string> => {
  const [streams, steps, hint] = await Promise.all([
    provisionStreams(platform),
    provisionTables(platform),
    provisionAccounts(platform),
  ]);
  const changes = [streams > 0 ? `${streams} streams made` : '', steps > 0 ? `${steps} migrations done` : ''].filter(
    (text) => text !== '',
  );
  const summary = changes.length === 0 ? 'streams, tables and accounts are there' : changes.join(', ');
  return hint === '' ? summary : `${summary}; ${hint}`;
};
