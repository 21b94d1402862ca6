// The settings as the rest of the program sees them: nested, absolute, checked against each other. Reads nothing.
import { resolve } from 'node:path';
import type { z } from 'zod';
import { addressAt, isUsableRange, overlap, prefixBitsOf } from './addresses.ts';
import { flagOf, settingNames, settingsSchema, type SettingName, type SettingValues } from './schema.ts';

/** What listens where. */
export type Ports = {
  readonly edge: number;
  readonly edgeOps: number;
  readonly nats: number;
  readonly natsMonitor: number;
  readonly postgres: number;
  readonly kubernetes: number;
  readonly etcd: number;
  readonly etcdPeer: number;
  readonly registry: number;
  readonly api: number;
  readonly identity: number;
  readonly authForward: number;
  readonly apiOps: number;
  readonly spawnerOps: number;
  readonly healthOps: number;
  readonly authForwardOps: number;
  readonly identityOps: number;
};

/** The network of the pods. */
export type PodNetwork = {
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly prefixBits: number;
  readonly nodeAddress: string;
  readonly apiServiceAddress: string;
  readonly bridge: string;
};

/** All settings. Paths are absolute. */
export type Settings = {
  readonly stateFolder: string;
  readonly programsFolder: string | undefined;
  readonly site: string;
  readonly identityFile: string;
  readonly namespace: string;
  /** An existing cluster to use; undefined for one of our own. */
  readonly kubeconfig: { readonly file: string; readonly context: string | undefined } | undefined;
  readonly edgeCidrs: readonly string[] | undefined;
  readonly demoImage: string | undefined;
  readonly ports: Ports;
  readonly network: PodNetwork;
  readonly cgroup: string;
  readonly logLevel: SettingValues['logLevel'];
};

/** Settings that cannot be used, with one line for each thing to correct. */
export class SettingsError extends Error {
  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'SettingsError';
  }
}

const portsOf = (values: SettingValues): Ports => ({
  edge: values.portEdge,
  edgeOps: values.portEdgeOps,
  nats: values.portNats,
  natsMonitor: values.portNatsMonitor,
  postgres: values.portPostgres,
  kubernetes: values.portKubernetes,
  etcd: values.portEtcd,
  etcdPeer: values.portEtcdPeer,
  registry: values.portRegistry,
  api: values.portApi,
  identity: values.portIdentity,
  authForward: values.portAuthForward,
  apiOps: values.portApiOps,
  spawnerOps: values.portSpawnerOps,
  healthOps: values.portHealthOps,
  authForwardOps: values.portAuthForwardOps,
  identityOps: values.portIdentityOps,
});

/** `--port-nats` of `nats`. */
export const flagOfPort = (name: string): string =>
  `--port-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

const sharedPorts = (ports: Ports): readonly string[] => {
  const users = Map.groupBy(Object.entries(ports), ([, port]) => port);
  return [...users]
    .filter(([, names]) => names.length > 1)
    .map(
      ([port, names]) =>
        `port ${port} is given to ${names.map(([name]) => name).join(' and ')}: change ${names.map(([name]) => flagOfPort(name)).join(' or ')}`,
    );
};

const wrongRanges = ({ podCidr, serviceCidr }: SettingValues): readonly string[] => {
  const unusable = [podCidr, serviceCidr]
    .filter((range) => !isUsableRange(range))
    .map((range) => `${range} is no usable range of addresses`);
  if (unusable.length > 0) return unusable;
  return overlap(podCidr, serviceCidr) ? [`pods (${podCidr}) and Services (${serviceCidr}) share addresses`] : [];
};

/** Settings that say nothing without another one. */
const withoutMeaning = ({ kubeconfig, context, edgeCidrs }: SettingValues): readonly string[] =>
  kubeconfig !== undefined
    ? []
    : Object.entries({ '--context': context, '--edge-cidrs': edgeCidrs })
        .filter(([, value]) => value !== undefined)
        .map(([flag]) => `${flag} is about an existing cluster: name its kubeconfig with --kubeconfig FILE`);

const isSettingName = (name: unknown): name is SettingName => settingNames.some((one) => one === name);

const lineOf = ({ path: [name], message }: z.core.$ZodIssue): string =>
  `${isSettingName(name) ? `--${flagOf(name)}` : String(name)}: ${message}`;

/**
 * Checks given values, fills in defaults, and derives the rest.
 * @param cwd what a relative path starts from.
 * @throws SettingsError
 */
export const parseSettings = (given: Readonly<Record<string, unknown>>, cwd: string): Settings => {
  const parsed = settingsSchema.safeParse(given);
  if (!parsed.success) throw new SettingsError(parsed.error.issues.map(lineOf));
  const values = parsed.data;
  const ports = portsOf(values);
  const wrong = [...sharedPorts(ports), ...wrongRanges(values), ...withoutMeaning(values)];
  if (wrong.length > 0) throw new SettingsError(wrong);
  return {
    stateFolder: resolve(cwd, values.state),
    programsFolder: values.programs === undefined ? undefined : resolve(cwd, values.programs),
    site: values.site,
    identityFile: resolve(cwd, values.identityFile),
    namespace: values.namespace,
    kubeconfig:
      values.kubeconfig === undefined ? undefined : { file: resolve(cwd, values.kubeconfig), context: values.context },
    edgeCidrs: values.edgeCidrs?.split(','),
    demoImage: values.demoImage,
    ports,
    network: {
      podCidr: values.podCidr,
      serviceCidr: values.serviceCidr,
      prefixBits: prefixBitsOf(values.podCidr),
      nodeAddress: addressAt(values.podCidr, 1),
      apiServiceAddress: addressAt(values.serviceCidr, 1),
      bridge: values.bridge,
    },
    cgroup: values.cgroup,
    logLevel: values.logLevel,
  };
};
