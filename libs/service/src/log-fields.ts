// The names of log attributes: the one place where they are spelled. Anything without a name here goes into `detail`.

/** Attributes of a log line. A message is a constant; everything that varies is one of these. */
export interface LogFields {
  readonly tenant?: string | undefined;
  readonly podId?: string | undefined;
  readonly commandId?: string | undefined;
  readonly reconcileId?: string | undefined;
  readonly requestId?: string | undefined;
  /** Key of a reconciler's or queue's pass. */
  readonly key?: string | undefined;
  readonly queue?: string | undefined;
  /** Stream sequence. */
  readonly seq?: number | undefined;
  /** Position in one object's history. */
  readonly version?: number | undefined;
  readonly incarnation?: number | undefined;
  readonly run?: number | undefined;
  readonly generation?: number | undefined;
  readonly podUid?: string | undefined;
  readonly eventType?: string | undefined;
  readonly stream?: string | undefined;
  readonly subject?: string | undefined;
  /** Kind and name of a cluster object. */
  readonly objectKind?: string | undefined;
  readonly objectName?: string | undefined;
  readonly node?: string | undefined;
  readonly image?: string | undefined;
  readonly site?: string | undefined;
  readonly user?: string | undefined;
  readonly method?: string | undefined;
  readonly route?: string | undefined;
  /** Path of a request, without the query. */
  readonly path?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly httpStatus?: number | undefined;
  readonly status?: string | undefined;
  readonly outcome?: string | undefined;
  readonly reason?: string | undefined;
  readonly code?: string | undefined;
  readonly signal?: string | undefined;
  readonly server?: string | undefined;
  readonly attempt?: number | undefined;
  readonly count?: number | undefined;
  readonly repaired?: number | undefined;
  readonly sizeBytes?: number | undefined;
  readonly durationMs?: number | undefined;
  readonly delayMs?: number | undefined;
  /** Which part of the app speaks, as `replica` or `reconciler`. */
  readonly component?: string | undefined;
  /** What was thrown; its name, message, code, stack and causes are logged, no other property of it. */
  readonly err?: unknown;
  /** For what has no name of its own. No secrets, no bodies. */
  readonly detail?: Readonly<Record<string, unknown>> | undefined;
}
