// The cache of folds is named by foldVersion, so a fold of another shape must have another number: an old fold that is
// read as a new one breaks every app that follows it.
import { foldVersion } from '@pods/contracts';
import type { PodEvent } from '@pods/contracts';
import { expect, test } from 'vitest';
import { eventsOfStart, foldLive, podCreated } from './testing/index.ts';

const of = { incarnation: 1, run: 1 };
const cause = { reason: 'Error', message: 'message' };
const everything: readonly PodEvent[] = [
  podCreated(),
  ...eventsOfStart(),
  { type: 'PodSpawnFailed', ...of, attempt: 1, final: true, ...cause },
  { type: 'PodErrored', ...of, podUid: 'uid-1', ...cause, exitCode: 3, finishedAt: null, neverRan: false },
  { type: 'PodLogsArchived', ...of, object: 'logs', sizeBytes: 1, notKept: 'why' },
  { type: 'PodLost', ...of, podUid: 'uid-1', ...cause, losses: 1, final: true },
];

/** Paths of all keys; what users name themselves is left out. */
function shapeOf(value: unknown, path = ''): readonly string[] {
  if (typeof value !== 'object' || value === null) return [path];
  if (Array.isArray(value)) return value.slice(0, 1).flatMap((item) => shapeOf(item, `${path}[]`));
  if (path.endsWith('definition')) return [`${path}{}`];
  return Object.entries(value).flatMap(([key, item]) => shapeOf(item, path === '' ? key : `${path}.${key}`));
}

const shapes: Readonly<Record<number, string>> = {
  4: [
    'blamelessLosses commands[].hash commands[].id commands[].version createdAt createdBy definitionVersion definition{} desired',
    'generation incarnation lastRun losses modifiedFields[] permissions[] podId run.definitionVersion run.definition{}',
    'run.end.exitCode run.end.finishedAt run.end.kind run.end.message run.end.neverRan run.end.reason',
    'run.failure.message run.failure.reason run.generation run.lastSpawnFailure.at run.lastSpawnFailure.message',
    'run.lastSpawnFailure.reason run.logs.notKept run.logs.object run.logs.sizeBytes run.loss.at run.loss.final run.loss.message',
    'run.loss.reason run.number run.objects.address run.objects.podName run.podUid run.spawnFailures run.startedAt',
    'run.stopped run.teardownStarted run.teardownStartedAt site status tenant updatedAt version wish',
  ].join(' '),
};

test('a fold of another shape has another foldVersion', () => {
  expect(shapeOf(foldLive(everything)).toSorted().join(' ')).toBe(shapes[foldVersion]);
});
