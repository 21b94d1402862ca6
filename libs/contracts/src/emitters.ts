// Which app may write which pod event (architecture.md section 2). One subject space means the broker cannot
// enforce it; this table does, in the types and again when an app opens its log.
import type { PodEventOf, PodEventType } from './pod-events.ts';

export const podEventEmitters = {
  api: ['PodCreated', 'PodUpdated', 'PodStartRequested', 'PodStopRequested', 'PodRestartRequested', 'PodDeleted'],
  spawner: ['PodSpawnStarted', 'PodObjectsCreated', 'PodSpawnFailed', 'PodTeardownStarted', 'PodStopped', 'PodLost'],
  health: ['PodBecameAvailable', 'PodCompleted', 'PodErrored', 'PodLogsArchived', 'PodTimeToStopReached'],
} as const satisfies Record<string, readonly PodEventType[]>;

export type PodEventEmitter = keyof typeof podEventEmitters;

/** The events that one app may write. */
export type PodEventBy<App extends PodEventEmitter> = PodEventOf<(typeof podEventEmitters)[App][number]>;

/** Whether `app` may write events of this type. */
export function mayEmit(app: PodEventEmitter, type: string): boolean {
  const allowed: readonly string[] = podEventEmitters[app];
  return allowed.includes(type);
}
