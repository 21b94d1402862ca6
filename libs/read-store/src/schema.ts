// The tables of the copy, as Kysely sees them. What they hold and why is said in migrations.ts.
import type { ColumnType, JSONColumnType } from 'kysely';

export interface PodEventsTable {
  readonly tenant: string;
  readonly pod_id: string;
  readonly version: number;
  readonly type: string;
  readonly event_id: string;
  readonly cause_id: string;
  readonly cause_hash: string;
  readonly actor: string;
  readonly at: ColumnType<Date, string, never>;
  readonly schema: number;
  readonly previous_hash: string;
  readonly hash: string;
  readonly body: JSONColumnType<Record<string, unknown>, string, never>;
}

/** The table, and how often the pod's id had been created by then. */
export interface PodHistoryView extends PodEventsTable {
  readonly incarnation: ColumnType<number, never, never>;
}

export interface PodEventsCheckpointTable {
  readonly copy_id: ColumnType<string, never, never>;
  readonly generation: number;
  /** A 64-bit number, which the driver gives as text. */
  readonly seq: ColumnType<string, number, number>;
}

export interface ReadSchema {
  readonly pod_events: PodEventsTable;
  readonly pod_history: PodHistoryView;
  readonly pod_events_checkpoint: PodEventsCheckpointTable;
}
