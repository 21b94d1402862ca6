// The names of streams, subjects and buckets: the one place where they are spelled. No I/O.
import type { PodKey } from './ids.ts';
import { subjectTokenPattern } from './ids.ts';

/** Raised with every change of the fold's meaning or shape: a new number is a new, empty cache of folds. */
export const foldVersion = 4;

/** Names of everything on NATS, with an optional prefix that keeps installations (or test files) apart. */
export interface Topology {
  readonly prefix: string;
  readonly streams: { readonly podEvents: string; readonly poison: string };
  readonly buckets: {
    /** Key-value: latest fold per pod, a cache. */
    readonly podState: string;
    /** Key-value: last container observation per pod and app; never history. */
    readonly podContainer: string;
    /** Object store: compressed container logs of ended runs. */
    readonly podLogs: string;
  };
  readonly subjects: {
    readonly allPodEvents: string;
    readonly allPoison: string;
    /** Request: chunks of the container logs of one running pod; answered by health. */
    readonly containerLogs: string;
    /** Core announcement of the highest stream sequence an api process has applied. */
    readonly applied: string;
    readonly poison: (app: string, stream: string) => string;
    readonly podEvent: (key: PodKey, version: number) => string;
    /** Matches every event of one pod. */
    readonly podEventsOf: (key: PodKey) => string;
  };
}

function token(value: string, what: string): string {
  if (!subjectTokenPattern.test(value)) throw new RangeError(`${what} is not a subject token`);
  return value;
}

/**
 * Builds all names. `prefix` is empty in production; otherwise lower-case letters and digits.
 * @throws RangeError for a prefix or an id that is no subject token.
 */
export function topology(prefix = ''): Topology {
  if (!/^[a-z0-9]*$/.test(prefix)) throw new RangeError('the prefix may hold lower-case letters and digits only');
  const name = prefix === '' ? (text: string) => text : (text: string) => `${prefix}_${text}`;
  const subject = prefix === '' ? (text: string) => text : (text: string) => `${prefix}.${text}`;
  const ofPod = (key: PodKey): string =>
    subject(`pods.events.${token(key.tenant, 'tenant')}.${token(key.podId, 'pod id')}`);
  return {
    prefix,
    streams: { podEvents: name('POD_EVENTS'), poison: name('POISON') },
    buckets: {
      podState: name(`pod_state_${foldVersion}`),
      podContainer: name('pod_container'),
      podLogs: name('pod_logs'),
    },
    subjects: {
      allPodEvents: subject('pods.events.*.*.*'),
      allPoison: subject('poison.>'),
      containerLogs: subject('svc.health.logs'),
      applied: subject('ryw.api'),
      poison: (app, stream) => subject(`poison.${token(app, 'app')}.${token(stream, 'stream')}`),
      podEvent: (key, version) => `${ofPod(key)}.${version}`,
      podEventsOf: (key) => `${ofPod(key)}.*`,
    },
  };
}

/** Reads tenant, pod id and version back from an event's subject; undefined when it is no such subject. */
export function parsePodEventSubject(
  names: Topology,
  subject: string,
): { readonly key: PodKey; readonly version: number } | undefined {
  const root = names.subjects.allPodEvents.slice(0, -'*.*.*'.length);
  if (!subject.startsWith(root)) return undefined;
  const [tenant, podId, versionText, ...rest] = subject.slice(root.length).split('.');
  if (tenant === undefined || podId === undefined || versionText === undefined || rest.length > 0) return undefined;
  const version = Number(versionText);
  if (!Number.isSafeInteger(version) || version < 1) return undefined;
  return { key: { tenant, podId }, version };
}
