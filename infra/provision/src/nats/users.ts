// Who may say and hear what on NATS: one user per app with the least it needs (architecture.md section 2). How the
// list gets into a server's configuration is authorization.ts.
import type { Topology } from '@pods/contracts';

export const natsUserNames = ['admin', 'api', 'spawner', 'health', 'auth-forward'] as const;
export type NatsUserName = (typeof natsUserNames)[number];

export interface NatsPermissions {
  /** Subjects that the user may publish to. */
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  /** How many messages the user may send in answer to one that it received; 0 for none. */
  readonly responsesMax: number;
}

export interface NatsUser {
  readonly name: NatsUserName;
  readonly permissions: NatsPermissions;
}

/** Where replies to an app come; its connection must be opened with this prefix. */
export function natsInboxPrefix(name: NatsUserName): string {
  return `_INBOX_${name}`;
}

/** Container logs go in parts of half a megabyte, at most 10 MiB of them; a receipt answers each. */
const responsesMax = 1000;

/**
 * All users. api, spawner and health share the subjects of pod events: which of them may write which type is held by
 * contracts, not by the server.
 */
export function natsUsers(names: Topology): readonly NatsUser[] {
  const podState = keyValueStream(names.buckets.podState);
  const podContainer = keyValueStream(names.buckets.podContainer);
  const podLogs = objectStream(names.buckets.podLogs);
  const replica = [...readStream(names.streams.podEvents), ...readStream(podState)];
  return [
    { name: 'admin', permissions: { publish: ['>'], subscribe: ['>'], responsesMax: 0 } },
    app('api', names, {
      publish: [
        ...replica,
        names.subjects.allPodEvents,
        ...acknowledge(names.streams.podEvents),
        `$KV.${names.buckets.podState}.>`,
        ...readStream(podContainer),
        ...readStream(podLogs),
        names.subjects.applied,
        names.subjects.containerLogs,
      ],
      subscribe: [names.subjects.applied],
      responsesMax,
    }),
    app('spawner', names, {
      publish: [
        ...replica,
        names.subjects.allPodEvents,
        ...readStream(podContainer),
        `$KV.${names.buckets.podContainer}.*.*.progress`,
      ],
    }),
    app('health', names, {
      publish: [
        ...replica,
        names.subjects.allPodEvents,
        ...readStream(podContainer),
        `$KV.${names.buckets.podContainer}.*.*.observed`,
        ...readStream(podLogs),
        `$O.${names.buckets.podLogs}.>`,
        // The client's object store removes an object's old parts by purging their subject.
        `$JS.API.STREAM.PURGE.${podLogs}`,
      ],
      subscribe: [names.subjects.containerLogs],
      responsesMax,
    }),
    app('auth-forward', names, { publish: replica }),
  ];
}

function app(
  name: Exclude<NatsUserName, 'admin'>,
  names: Topology,
  own: { readonly publish: readonly string[] } & Partial<NatsPermissions>,
): NatsUser {
  const poison = names.subjects.allPoison.replace(/>$/, `${name}.*`);
  return {
    name,
    permissions: {
      publish: ['$JS.API.INFO', poison, ...own.publish],
      subscribe: [`${natsInboxPrefix(name)}.>`, ...(own.subscribe ?? [])],
      responsesMax: own.responsesMax ?? 0,
    },
  };
}

/**
 * Reading a stream by index and with consumers. Deleting consumers is not among it, because that cannot be limited
 * to one's own: ephemeral ones go by themselves.
 */
function readStream(stream: string): readonly string[] {
  return [
    `$JS.API.STREAM.INFO.${stream}`,
    `$JS.API.STREAM.MSG.GET.${stream}`,
    `$JS.API.DIRECT.GET.${stream}.>`,
    `$JS.API.CONSUMER.CREATE.${stream}.>`,
    `$JS.API.CONSUMER.INFO.${stream}.*`,
    `$JS.API.CONSUMER.MSG.NEXT.${stream}.*`,
    // Answers to the flow control of push consumers, which the client uses for watches and for objects.
    `$JS.FC.${stream}.>`,
  ];
}

/** Both forms of acknowledgement subjects: the present one, and the one with domain and account. */
function acknowledge(stream: string): readonly string[] {
  return [`$JS.ACK.${stream}.>`, `$JS.ACK.*.*.${stream}.>`];
}

function keyValueStream(bucket: string): string {
  return `KV_${bucket}`;
}

function objectStream(bucket: string): string {
  return `OBJ_${bucket}`;
}
