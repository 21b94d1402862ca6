// What exists on NATS and with which settings: the one place that says it (architecture.md section 3, nats.md 1.3).
import type { StreamConfig } from '@nats-io/jetstream';
import { DiscardPolicy, RetentionPolicy, StorageType, StoreCompression } from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import type { Topology } from '@pods/contracts';

/** The limit of each stream and bucket, in bytes. The server must have room for their sum. */
export interface NatsSizes {
  readonly podEvents: number;
  readonly poison: number;
  readonly podState: number;
  readonly podContainer: number;
  readonly podLogs: number;
}

const mib = 1024 * 1024;
const gib = 1024 * mib;

/** Sizes of a production installation: about 100 million events, logs of some ten thousand runs. */
export const productionSizes: NatsSizes = {
  podEvents: 20 * gib,
  poison: gib,
  podState: 2 * gib,
  podContainer: 256 * mib,
  podLogs: 20 * gib,
};

/** Sizes for one machine. */
export const localSizes: NatsSizes = {
  podEvents: 2 * gib,
  poison: 64 * mib,
  podState: 256 * mib,
  podContainer: 64 * mib,
  podLogs: 2 * gib,
};

/** Sizes for specs, of which many share one server. */
export const specSizes: NatsSizes = {
  podEvents: 64 * mib,
  poison: 4 * mib,
  podState: 16 * mib,
  podContainer: 4 * mib,
  podLogs: 64 * mib,
};

export interface NatsSettings {
  readonly names: Topology;
  /** Copies of each stream: 1 on one server, 3 in production. */
  readonly replicas: number;
  readonly maxBytes: NatsSizes;
}

/** A setting that is listed is checked; one that is not is left to the server. */
export type StreamDefinition = Partial<StreamConfig> & Pick<StreamConfig, 'name' | 'subjects'>;

const dayMs = 24 * 60 * 60 * 1000;

/** Every stream, those behind buckets included. */
export function streamDefinitions(settings: NatsSettings): readonly StreamDefinition[] {
  const { names, maxBytes } = settings;
  return [
    podEvents(settings),
    {
      ...base(settings, maxBytes.poison),
      name: names.streams.poison,
      subjects: [names.subjects.allPoison],
      discard: DiscardPolicy.Old,
      max_age: nanos(90 * dayMs),
    },
    // Removed keys leave a marker, which goes by its own time to live.
    { ...keyValue(settings, names.buckets.podState, maxBytes.podState), allow_msg_ttl: true },
    keyValue(settings, names.buckets.podContainer, maxBytes.podContainer),
    objectStore(settings, names.buckets.podLogs, maxBytes.podLogs),
  ];
}

/** Write-once: one message a subject, and no writer may replace, expire or delete it. */
function podEvents(settings: NatsSettings): StreamDefinition {
  return {
    ...base(settings, settings.maxBytes.podEvents),
    name: settings.names.streams.podEvents,
    subjects: [settings.names.subjects.allPodEvents],
    discard: DiscardPolicy.New,
    discard_new_per_subject: true,
    max_msgs_per_subject: 1,
    max_msg_size: 64 * 1024,
    duplicate_window: nanos(120_000),
    deny_delete: true,
    // Erasure of one pod needs purge by subject; only the admin user may ask for it.
    deny_purge: false,
    // With roll-up allowed, one header of one publisher would wipe a history.
    allow_rollup_hdrs: false,
    compression: StoreCompression.S2,
    allow_atomic: true,
  };
}

/** The stream that the client's key-value API expects behind a bucket with one value a key. */
function keyValue(settings: NatsSettings, bucket: string, maxBytes: number): StreamDefinition {
  return {
    ...base(settings, maxBytes),
    name: `KV_${bucket}`,
    subjects: [`$KV.${bucket}.>`],
    discard: DiscardPolicy.New,
    max_msgs_per_subject: 1,
    allow_rollup_hdrs: true,
  };
}

/** The stream that the client's object store API expects behind a bucket. */
function objectStore(settings: NatsSettings, bucket: string, maxBytes: number): StreamDefinition {
  return {
    ...base(settings, maxBytes),
    name: `OBJ_${bucket}`,
    subjects: [`$O.${bucket}.C.>`, `$O.${bucket}.M.>`],
    discard: DiscardPolicy.New,
    allow_rollup_hdrs: true,
  };
}

function base(
  settings: NatsSettings,
  maxBytes: number,
): Pick<StreamConfig, 'storage' | 'retention' | 'num_replicas' | 'max_bytes' | 'max_age' | 'allow_direct'> {
  return {
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    num_replicas: settings.replicas,
    max_bytes: maxBytes,
    max_age: 0,
    allow_direct: true,
  };
}
