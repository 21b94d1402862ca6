// The snapshot bucket as the writer uses it: read one key, replace one key only if it is still what was read.
import type { JetStreamClient, StoredMsg } from '@nats-io/jetstream';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { headers } from '@nats-io/nats-core';
import { apiCode, jetstreamCodes } from '../nats/failures.ts';

/** A key's newest message. */
export interface BucketEntry {
  /** 0 when the key never had a value. */
  readonly revision: number;
  /** Undefined when there is no value. */
  readonly text: string | undefined;
}

export interface Bucket {
  /** `fresh` asks the leader, not the nearest copy. */
  readonly get: (key: string, options?: { readonly fresh?: boolean }) => Promise<BucketEntry>;
  /** False when the key is no longer at `revision`. */
  readonly replace: (key: string, revision: number, text: string) => Promise<boolean>;
  /** Removes the value; what is left of the key goes after a day. False as for `replace`. */
  readonly remove: (key: string, revision: number) => Promise<boolean>;
  /** Tells one bucket from another that was created later under the same name. */
  readonly identity: () => Promise<string>;
}

/** How the client's key-value API marks a removed key, with the roll-up that drops its values (ADR-8 of NATS). */
const removalHeaders = { 'KV-Operation': 'PURGE', 'Nats-Rollup': 'sub', 'Nats-TTL': '25h' } as const;

export async function openBucket(nc: NatsConnection, bucket: string): Promise<Bucket> {
  const js = jetstream(nc);
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const stream = `KV_${bucket}`;
  const subject = (key: string): string => `$KV.${bucket}.${key}`;
  return {
    get: async (key, { fresh = false } = {}) => {
      const query = { last_by_subj: subject(key) };
      const message = await (fresh ? jsm.streams.getMessage(stream, query) : jsm.direct.getMessage(stream, query));
      return toEntry(message);
    },
    replace: (key, revision, text) => publishIf(js, subject(key), revision, { text }),
    remove: (key, revision) => publishIf(js, subject(key), revision, { headers: removalHeaders }),
    identity: async () => new Date((await jsm.streams.info(stream)).created).toISOString(),
  };
}

function toEntry(message: StoredMsg | null): BucketEntry {
  if (message === null) return { revision: 0, text: undefined };
  return { revision: message.seq, text: message.data.byteLength === 0 ? undefined : message.string() };
}

async function publishIf(
  js: JetStreamClient,
  subject: string,
  revision: number,
  content: { readonly text?: string; readonly headers?: Readonly<Record<string, string>> },
): Promise<boolean> {
  const own = headers();
  for (const [name, value] of Object.entries(content.headers ?? {})) own.set(name, value);
  try {
    await js.publish(subject, content.text ?? '', { headers: own, expect: { lastSubjectSequence: revision } });
    return true;
  } catch (error) {
    const code = apiCode(error);
    if (code === jetstreamCodes.wrongLastSequence || code === jetstreamCodes.wrongLastSequenceInFlight) return false;
    throw error;
  }
}
