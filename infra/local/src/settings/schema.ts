// Every setting of the local platform: its name, default, limits and meaning. Where values come from is in sources.ts.
import { join } from 'node:path';
import { z } from 'zod';

const IDENTITY_FILE = join(import.meta.dirname, '..', '..', '..', '..', 'tools', 'dev-identity', 'identity.yaml');

const PORT = 'must be the number of a port, from 1 to 65535';

const port = (value: number, meaning: string) =>
  z.coerce.number(PORT).int(PORT).min(1, PORT).max(65_535, PORT).default(value).describe(meaning);

const text = (value: string, form: RegExp, meaning: string) => z.string().regex(form).default(value).describe(meaning);

const CIDR = /^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/;
const CIDRS = /^[0-9a-f.:]+\/\d{1,3}(,[0-9a-f.:]+\/\d{1,3})*$/i;
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/**
 * All settings, flat: a setting `portNats` is the flag `--port-nats` and the environment variable `PODS_PORT_NATS`.
 * 198.18.0.0/15 is set aside for tests within one machine (RFC 2544), so it meets no office network or VPN.
 */
export const settingsSchema = z.strictObject({
  state: z.string().min(1).default('.pods').describe('folder that holds everything the platform writes'),
  programs: z
    .string()
    .min(1)
    .optional()
    .describe('folder with ready-made programs, used before PATH and before building'),
  site: text('local', LABEL, 'site id'),
  identityFile: z
    .string()
    .min(1)
    .default(IDENTITY_FILE)
    .describe('tenants, users and passwords of the identity stand-in'),
  namespace: text('pods', LABEL, 'Kubernetes namespace that pods run in'),
  kubeconfig: z.string().min(1).optional().describe('kubeconfig of an existing cluster to use instead of starting one'),
  context: z.string().min(1).optional().describe('context of that kubeconfig; its current one unless given'),
  edgeCidrs: z
    .string()
    .regex(CIDRS, 'must be ranges such as 10.0.0.5/32, separated by commas')
    .optional()
    .describe("with --kubeconfig: where Traefik's requests come from, as pods see it; this machine and the nodes"),
  demoImage: z
    .string()
    .min(1)
    .optional()
    .describe('image of docpod, a web server on port 5000; pods.local/webpage:1, and no docpod with --kubeconfig'),
  portEdge: port(8443, 'Traefik, HTTPS: the way in for people'),
  portEdgeOps: port(9105, 'Traefik, its own health and metrics'),
  portNats: port(4222, 'nats-server'),
  portNatsMonitor: port(8222, 'nats-server, health and statistics'),
  portPostgres: port(5433, 'Postgres'),
  portKubernetes: port(6443, 'Kubernetes API server'),
  portEtcd: port(2379, 'etcd'),
  portEtcdPeer: port(2380, 'etcd, between members (there is one)'),
  portRegistry: port(5000, 'image registry'),
  portApi: port(8000, 'api'),
  portIdentity: port(8001, 'identity stand-in'),
  portAuthForward: port(8002, 'auth-forward'),
  portApiOps: port(9100, 'api, health and metrics'),
  portSpawnerOps: port(9101, 'spawner, health and metrics'),
  portHealthOps: port(9102, 'health, health and metrics'),
  portAuthForwardOps: port(9103, 'auth-forward, health and metrics'),
  portIdentityOps: port(9104, 'identity stand-in, health and metrics'),
  podCidr: text('198.18.0.0/16', CIDR, 'addresses of pods; the first one is the node'),
  serviceCidr: text('198.19.0.0/16', CIDR, 'addresses of Services; the first one is the API server'),
  bridge: text('pods0', /^[a-z][a-z0-9-]{0,14}$/, 'network bridge of the pods'),
  cgroup: text('pods-platform', LABEL, 'control group of the pods'),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info').describe('log level of the apps'),
});

/** Values of all settings. */
export type SettingValues = z.infer<typeof settingsSchema>;

/** Name of a setting. */
export type SettingName = keyof SettingValues;

/** All names, in the order in which they are explained. */
export const settingNames: readonly SettingName[] = settingsSchema.keyof().options;

const words = (name: string): readonly string[] => name.split(/(?=[A-Z])/).map((word) => word.toLowerCase());

/** `port-nats` of `portNats`. */
export const flagOf = (name: SettingName): string => words(name).join('-');

/** `PODS_PORT_NATS` of `portNats`. */
export const variableOf = (name: SettingName): string => `PODS_${words(name).join('_').toUpperCase()}`;
