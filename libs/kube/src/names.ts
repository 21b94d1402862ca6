// Names, labels and annotations of everything the platform puts into a cluster: the one place where they are
// spelled. Lookups go by label; a name is never taken apart.
import { createHash } from 'node:crypto';

/** Which pod, with the installation that it belongs to: several may share a cluster, even a namespace. */
export interface PodIdentity {
  readonly installation: string;
  readonly site: string;
  readonly tenant: string;
  readonly podId: string;
}

/** One run of one pod. */
export interface RunIdentity extends PodIdentity {
  /** How often the id had been created, from 1 on. */
  readonly incarnation: number;
  readonly run: number;
}

const labelPrefix = 'pods.local/';

/** Label keys; the annotations that hold the full, unshortened ids have the same keys. */
export const labelKeys = {
  installation: `${labelPrefix}installation`,
  site: `${labelPrefix}site`,
  tenant: `${labelPrefix}tenant`,
  pod: `${labelPrefix}pod`,
  incarnation: `${labelPrefix}incarnation`,
  run: `${labelPrefix}run`,
  managedBy: 'app.kubernetes.io/managed-by',
} as const;

export const managedBy = 'pods-service';

/** The limit of a DNS label (RFC 1123) and of a label's value. */
const lengthMax = 63;

/** Begins with a digit, which no pod id does: a shortened name is never another pod's full name. */
function hashOf(...parts: readonly string[]): string {
  const digest = createHash('sha256').update(parts.map((part) => `${part.length}:${part}`).join(''));
  return `0${digest.digest('hex').slice(0, 11)}`;
}

/**
 * `pods-<site>-<tenant>-<pod id>`: the name of a pod's Pod and Service. At most 63 long and a DNS label; where the
 * plain form is too long, is none, or could be read in two ways, it is cut and ends in a hash of all three parts.
 */
export function objectName(pod: PodIdentity): string {
  const plain = `pods-${pod.site}-${pod.tenant}-${pod.podId}`;
  // Without a hyphen in the site the first and the last hyphen tell the parts apart: pod ids hold none.
  const unambiguous = /^[a-z0-9]+$/.test(pod.site) && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(pod.tenant);
  if (unambiguous && /^[a-z][a-z0-9]*$/.test(pod.podId) && plain.length <= lengthMax) return plain;
  const hash = hashOf(pod.site, pod.tenant, pod.podId);
  const readable = plain.toLowerCase().replaceAll(/[^a-z0-9-]/g, '-');
  return `${readable.slice(0, lengthMax - hash.length - 1).replace(/-+$/, '')}-${hash}`;
}

/** Names of a run's objects: only Pod and Service keep one name over all runs, so that nothing late can touch a newer run's. */
export interface RunNames {
  readonly pod: string;
  readonly service: string;
  /** The ConfigMap that owns the run's other objects. */
  readonly anchor: string;
  readonly secret: string;
  readonly networkPolicy: string;
}

/** Names of the objects of one run. */
export function runNames(run: RunIdentity): RunNames {
  const name = objectName(run);
  const ofRun = `${name}-run-${run.run}`;
  return { pod: name, service: name, anchor: ofRun, secret: ofRun, networkPolicy: ofRun };
}

/** Names the n-th port: keys of networking entries may be longer than the 15 characters of a port's name. */
export function portName(index: number): string {
  return `p${index}`;
}

/** A valid label value for any id: itself where it fits, otherwise cut and ending in a hash of the whole. */
export function labelValue(id: string): string {
  if (id.length <= lengthMax && /^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/.test(id)) return id;
  const hash = hashOf(id);
  const readable = id.replaceAll(/[^A-Za-z0-9_.-]/g, '-').slice(0, lengthMax - hash.length - 1);
  return `${readable.replace(/^[^A-Za-z0-9]+/, '')}-${hash}`.replace(/^-/, '');
}

/** Labels that every object of a run carries. */
export function runLabels(run: RunIdentity): Record<string, string> {
  return {
    [labelKeys.managedBy]: managedBy,
    [labelKeys.installation]: labelValue(run.installation),
    [labelKeys.site]: labelValue(run.site),
    [labelKeys.tenant]: labelValue(run.tenant),
    [labelKeys.pod]: labelValue(run.podId),
    [labelKeys.incarnation]: String(run.incarnation),
    [labelKeys.run]: String(run.run),
  };
}

/** The full ids, for reading them back whatever the labels had to cut. */
export function runAnnotations(run: RunIdentity): Record<string, string> {
  return {
    [labelKeys.installation]: run.installation,
    [labelKeys.site]: run.site,
    [labelKeys.tenant]: run.tenant,
    [labelKeys.pod]: run.podId,
  };
}

/** Selects every object of an installation. */
export function installationSelector(installation: string): string {
  return `${labelKeys.managedBy}=${managedBy},${labelKeys.installation}=${labelValue(installation)}`;
}

/** Selects the Pod of one run and no other: what a Service leads to. */
export function runSelector(run: RunIdentity): Record<string, string> {
  const { installation, tenant, pod, incarnation, run: number } = labelKeys;
  const labels = runLabels(run);
  return Object.fromEntries([installation, tenant, pod, incarnation, number].map((key) => [key, labels[key] ?? '']));
}

/** Selects all Pods of the same tenant of the same installation. */
export function tenantSelector(pod: PodIdentity): Record<string, string> {
  return {
    [labelKeys.installation]: labelValue(pod.installation),
    [labelKeys.tenant]: labelValue(pod.tenant),
  };
}

/** The part of an object's metadata that names its run. */
export interface Labelled {
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/** Reads back whose object this is; undefined for an object that is not ours or whose labels do not fit together. */
export function parseRunIdentity(metadata: Labelled | undefined): RunIdentity | undefined {
  const { labels = {}, annotations = {} } = metadata ?? {};
  if (labels[labelKeys.managedBy] !== managedBy) return undefined;
  const full = (key: string): string | undefined => {
    const label = labels[key];
    const id = annotations[key] ?? label;
    return id !== undefined && labelValue(id) === label ? id : undefined;
  };
  const installation = full(labelKeys.installation);
  const site = full(labelKeys.site);
  const tenant = full(labelKeys.tenant);
  const podId = full(labelKeys.pod);
  const incarnation = parseCount(labels[labelKeys.incarnation]);
  const run = parseCount(labels[labelKeys.run]);
  if (installation === undefined || site === undefined || tenant === undefined || podId === undefined) return undefined;
  if (incarnation === undefined || run === undefined) return undefined;
  return { installation, site, tenant, podId, incarnation, run };
}

function parseCount(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;
}
