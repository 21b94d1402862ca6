// What is known about one request by its end: one wide log line and one observation. No tokens, no bodies.
import type { Caller } from '@pods/identity';
import type { LogFields } from '@pods/service';
import type { ApiDeps } from '../deps.ts';
import type { ApiRefusal } from '../errors/refusal.ts';
import type { Route } from './route-table.ts';

export interface RequestRecord {
  readonly requestId: string;
  readonly matched: (route: Route) => void;
  readonly calledBy: (caller: Caller) => void;
  readonly refused: (refusal: ApiRefusal) => void;
  /** Something was thrown. */
  readonly failed: (error: unknown, refusal: ApiRefusal) => void;
  readonly finish: (status: number) => void;
}

/** Starts the clock. */
export function createRequestRecord(
  method: string,
  path: string,
  { clock, logger, metrics, newId }: Pick<ApiDeps, 'clock' | 'logger' | 'metrics' | 'newId'>,
): RequestRecord {
  const startedAt = clock();
  const requestId = newId();
  let route = 'unmatched';
  let operation: Route['operation'] | undefined;
  let fields: LogFields = { requestId, method };
  const podId = /^\/pods\/([a-z0-9]{3,64})(?:\/|$)/.exec(path)?.[1];
  return {
    requestId,
    matched: (row) => {
      ({ path: route, operation } = row);
      if (row.path.startsWith('/pods/{pod_id}')) fields = { ...fields, podId };
    },
    calledBy: (caller) => {
      fields = { ...fields, tenant: caller.tenant.tenantId, user: caller.user };
    },
    refused: (refusal) => {
      fields = { ...fields, code: refusal.code };
    },
    failed: (err, refusal) => {
      fields = { ...fields, code: refusal.code, err };
    },
    finish: (status) => {
      const durationMs = Math.round(clock() - startedAt);
      metrics.observe({ method, route, status, durationMs });
      logger[levelOf(operation, status)]({ ...fields, route, httpStatus: status, durationMs }, 'request');
    },
  };
}

function levelOf(operation: Route['operation'] | undefined, status: number): 'debug' | 'info' | 'warn' | 'error' {
  // Everybody may ask for any status of an error page: that one was answered says nothing about this process.
  if (operation === 'error_handler') return 'debug';
  if (status === 500) return 'error';
  return status > 500 && status !== 501 ? 'warn' : 'info';
}
