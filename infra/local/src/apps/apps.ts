// Our own processes: which there are, and with whose credentials each of them runs.
import { join } from 'node:path';
import { natsUrl, seedFileOf } from '../parts/nats.ts';
import type { Part } from '../parts/part.ts';
import type { Platform } from '../platform.ts';
import { appPart, type AppDefinition } from './app-part.ts';
import { METADATA_SERVICES } from './metadata-services.ts';

/** The one queue of this node, `default`, has no GPUs: api says so at once instead of spawner afterwards. */
const RESOURCE_LIMITS = { gpus: { max: 0, default: 0 } } as const;

/** File with the URL by which api connects to Postgres. */
export const apiDatabaseUrlFile = ({ folders }: Platform): string => join(folders.secrets, 'api-database-url');

/** The kubeconfig of an app that talks to the cluster. */
export const appKubeconfigFile = ({ folders }: Platform, app: 'spawner' | 'health'): string =>
  join(folders.secrets, `${app}.kubeconfig`);

const httpUrl = (port: number): string => `http://127.0.0.1:${port}`;

const natsEnvironment = (
  platform: Platform,
  user: 'api' | 'spawner' | 'health' | 'auth-forward',
): Readonly<Record<string, string>> => ({
  NATS_URL: natsUrl(platform),
  NATS_NKEY_SEED_FILE: seedFileOf(platform, user),
});

const kubernetesEnvironment = (platform: Platform, user: 'spawner' | 'health'): Readonly<Record<string, string>> => ({
  KUBECONFIG_FILE: appKubeconfigFile(platform, user),
  KUBE_NAMESPACE: platform.settings.namespace,
  PODS_INSTALLATION_ID: platform.installationId,
});

const identityDefinition: AppDefinition = {
  name: 'identity',
  title: 'identity stand-in',
  project: 'tools/dev-identity',
  opsPort: (ports) => ports.identityOps,
  httpPort: (ports) => ports.identity,
  environment: ({ settings, folders }) => ({
    PODS_ENV: 'development',
    IDENTITY_FILE: settings.identityFile,
    IDENTITY_STATE_DIR: folders.identity,
    EDGE_PORT: String(settings.ports.edge),
  }),
  credentials: ({ settings }) => [settings.identityFile],
};

const apiDefinition: AppDefinition = {
  name: 'api',
  title: 'api',
  project: 'apps/api',
  opsPort: (ports) => ports.apiOps,
  httpPort: (ports) => ports.api,
  environment: (platform) => ({
    ...natsEnvironment(platform, 'api'),
    PODS_INSTALLATION_ID: platform.installationId,
    DATABASE_URL_FILE: apiDatabaseUrlFile(platform),
    TENANTS_URL: httpUrl(platform.settings.ports.identity),
    RESOURCE_LIMITS: JSON.stringify(RESOURCE_LIMITS),
  }),
  credentials: (platform) => [seedFileOf(platform, 'api'), apiDatabaseUrlFile(platform)],
};

/** Where Traefik's requests come from, and what pods must not reach. */
const clusterRanges = ({ settings, existing }: Platform): Readonly<Record<string, string>> => {
  if (existing !== undefined)
    return { EDGE_CIDRS: existing.edgeCidrs.join(','), DENIED_CIDRS: existing.deniedCidrs.join(',') };
  const { nodeAddress, apiServiceAddress } = settings.network;
  return {
    // Traefik runs on the node.
    EDGE_CIDRS: `${nodeAddress}/32`,
    DENIED_CIDRS: [...METADATA_SERVICES, `${nodeAddress}/32`, `${apiServiceAddress}/32`].join(','),
  };
};

const spawnerDefinition: AppDefinition = {
  name: 'spawner',
  title: 'spawner',
  project: 'apps/spawner',
  opsPort: (ports) => ports.spawnerOps,
  environment: (platform) => ({
    ...natsEnvironment(platform, 'spawner'),
    ...kubernetesEnvironment(platform, 'spawner'),
    ...clusterRanges(platform),
  }),
  credentials: (platform) => [seedFileOf(platform, 'spawner'), appKubeconfigFile(platform, 'spawner')],
};

const healthDefinition: AppDefinition = {
  name: 'health',
  title: 'health',
  project: 'apps/health',
  opsPort: (ports) => ports.healthOps,
  environment: (platform) => ({ ...natsEnvironment(platform, 'health'), ...kubernetesEnvironment(platform, 'health') }),
  credentials: (platform) => [seedFileOf(platform, 'health'), appKubeconfigFile(platform, 'health')],
};

const authForwardDefinition: AppDefinition = {
  name: 'auth-forward',
  title: 'auth-forward',
  project: 'apps/auth-forward',
  opsPort: (ports) => ports.authForwardOps,
  httpPort: (ports) => ports.authForward,
  environment: (platform) => {
    const { ports } = platform.settings;
    return {
      ...natsEnvironment(platform, 'auth-forward'),
      TENANTS_URL: httpUrl(ports.identity),
      TRAEFIK_BACKENDS: JSON.stringify({
        api: httpUrl(ports.api),
        identity: httpUrl(ports.identity),
        self: httpUrl(ports.authForward),
      }),
      EDGE_STATE_DIR: platform.folders.authForward,
    };
  },
  credentials: (platform) => [seedFileOf(platform, 'auth-forward')],
};

/** The identity stand-in. */
export const identity: Part<unknown> = appPart(identityDefinition);

/** The apps, each with its own process and credentials. */
export const appDefinitions: readonly AppDefinition[] = [
  apiDefinition,
  spawnerDefinition,
  healthDefinition,
  authForwardDefinition,
];

/** The apps as parts. */
export const apps: readonly Part<unknown>[] = appDefinitions.map(appPart);
