// The queryable copy of the pods' log: writing batches of events with their checkpoint, and reading them back.
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import { typedError } from './errors.ts';
import type { ReadSchema } from './schema.ts';

/** An event as the log gives it; its key is `[tenant, pod id]`. */
export interface CopiedEvent {
  readonly key: readonly string[];
  readonly version: number;
  readonly type: string;
  readonly eventId: string;
  readonly causeId: string;
  readonly causeHash: string;
  readonly actor: string;
  /** The log's own time, ISO 8601 in UTC. */
  readonly at: string;
  readonly schema: number;
  readonly previousHash: string;
  readonly hash: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Position in the stream; it goes into the checkpoint, not into the row. */
  readonly seq: number;
}

/** An event as the copy gives it. */
export interface HistoryRow extends Omit<CopiedEvent, 'key' | 'seq'> {
  readonly tenant: string;
  readonly podId: string;
  /** How often the pod's id had been created by then. */
  readonly incarnation: number;
}

export interface Checkpoint {
  /** Identity of this copy: a new database has a new one. */
  readonly copyId: string;
  /** Raised whenever the copy is to be filled from the beginning again. */
  readonly generation: number;
  /** The newest sequence that was written or passed over; older ones may be missing while several processes write. */
  readonly seq: number;
}

export interface PodEventCopy {
  /** Writes all events and the checkpoint, or nothing. Events that are there already stay as they are. */
  readonly record: (events: readonly CopiedEvent[]) => Promise<void>;
  /** Moves the checkpoint past an event that cannot be written, so that it is not taken for one that got lost. */
  readonly passOver: (seq: number) => Promise<void>;
  readonly checkpoint: () => Promise<Checkpoint>;
  /** Raises the generation, if it still is the given one. @returns the generation afterwards. */
  readonly raiseGeneration: (from: number) => Promise<number>;
  /** One pod's events in order; of all incarnations unless one is named. */
  readonly eventsOf: (pod: {
    readonly tenant: string;
    readonly podId: string;
    readonly incarnation?: number;
  }) => Promise<readonly HistoryRow[]>;
}

/** All functions throw ReadStoreUnavailableError when waiting may help, and the driver's error when it does not. */
export function createPodEventCopy(db: Kysely<ReadSchema>): PodEventCopy {
  return {
    record: async (events) => {
      if (events.length > 0) await typed(() => record(db, events));
    },
    passOver: (seq) => typed(() => moveCheckpoint(db, seq)),
    checkpoint: () => typed(() => checkpoint(db)),
    raiseGeneration: (from) => typed(() => raiseGeneration(db, from)),
    eventsOf: (pod) => typed(() => eventsOf(db, pod)),
  };
}

async function typed<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    throw typedError(error);
  }
}

async function record(db: Kysely<ReadSchema>, events: readonly CopiedEvent[]): Promise<void> {
  const newest = Math.max(...events.map((event) => event.seq));
  await db.transaction().execute(async (transaction) => {
    await transaction
      .insertInto('pod_events')
      .values(events.map(toRow))
      .onConflict((conflict) => conflict.columns(['tenant', 'pod_id', 'version']).doNothing())
      .execute();
    await moveCheckpoint(transaction, newest);
  });
}

/** Never back. */
async function moveCheckpoint(db: Kysely<ReadSchema>, seq: number): Promise<void> {
  await db
    .updateTable('pod_events_checkpoint')
    .set({ seq: sql<number>`greatest(seq, ${seq}::bigint)` })
    .execute();
}

function toRow(event: CopiedEvent) {
  const [tenant = '', podId = ''] = event.key;
  return {
    tenant,
    pod_id: podId,
    version: event.version,
    type: event.type,
    event_id: event.eventId,
    cause_id: event.causeId,
    cause_hash: event.causeHash,
    actor: event.actor,
    at: event.at,
    schema: event.schema,
    previous_hash: event.previousHash,
    hash: event.hash,
    body: JSON.stringify(event.body),
  };
}

async function checkpoint(db: Kysely<ReadSchema>): Promise<Checkpoint> {
  const row = await db.selectFrom('pod_events_checkpoint').selectAll().executeTakeFirstOrThrow();
  return { copyId: row.copy_id, generation: row.generation, seq: Number(row.seq) };
}

async function raiseGeneration(db: Kysely<ReadSchema>, from: number): Promise<number> {
  await db
    .updateTable('pod_events_checkpoint')
    .set({ generation: from + 1 })
    .where('generation', '=', from)
    .execute();
  return (await checkpoint(db)).generation;
}

async function eventsOf(
  db: Kysely<ReadSchema>,
  { tenant, podId, incarnation }: Parameters<PodEventCopy['eventsOf']>[0],
): Promise<readonly HistoryRow[]> {
  const ofPod = db.selectFrom('pod_history').selectAll().where('tenant', '=', tenant).where('pod_id', '=', podId);
  const chosen = incarnation === undefined ? ofPod : ofPod.where('incarnation', '=', incarnation);
  const rows = await chosen.orderBy('version').execute();
  return rows.map((row) => ({
    tenant: row.tenant,
    podId: row.pod_id,
    incarnation: row.incarnation,
    version: row.version,
    type: row.type,
    eventId: row.event_id,
    causeId: row.cause_id,
    causeHash: row.cause_hash,
    actor: row.actor,
    at: row.at.toISOString(),
    schema: row.schema,
    previousHash: row.previous_hash,
    hash: row.hash,
    body: row.body,
  }));
}
