// A pod writer writes its own app's events and no others, whatever it decides.
import type { PodEvent, PodEventEmitter } from '@pods/contracts';
import { isPodEventType, mayEmit, parsePodEvent, podEventEmitters, podEventTypes } from '@pods/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Aggregate } from './aggregate.ts';
import { handleCommand } from './handle-command.ts';
import type { MemoryLog } from './memory/memory-log.ts';
import { createMemoryLog } from './memory/memory-log.ts';
import { assertMayEmit, createPodWriter, decideAs, ForeignEventError } from './pod-writer.ts';
import type { EventLog } from './port.ts';
import { genesisHash } from './port.ts';
import { ReplicaFailedError } from './replica/replica.ts';

const context = { commandId: 'c1', commandHash: 'h1', actor: 'ada' };
const key = { tenant: 'dev', podId: 'docpod' };
const stopRequested: PodEvent = { type: 'PodStopRequested' };
const stopped: PodEvent = { type: 'PodStopped', incarnation: 1, run: 1 };

/** Decides whatever the command is. */
const echo: Aggregate<number, PodEvent, PodEvent, never> = {
  initial: 0,
  evolve: (count) => count + 1,
  decide: (_count, event) => ({ kind: 'event', event }),
  parse: ({ type, body }) => (isPodEventType(type) ? parsePodEvent(type, body) : undefined),
  stateFromLast: () => undefined,
  isGone: () => false,
  schemaVersion: 1,
};

let log: MemoryLog;
beforeEach(() => {
  log = createMemoryLog();
});

describe('a pod writer', () => {
  it('writes the events of its app', async () => {
    const write = createPodWriter({ app: 'api', log, aggregate: echo, decide: decideAs('api', echo.decide) });
    expect(await write(key, context, stopRequested)).toMatchObject({ kind: 'appended', version: 1 });
    expect(await log.read(['dev', 'docpod'])).toMatchObject([{ type: 'PodStopRequested', actor: 'ada' }]);
  });

  it('fails when it decides an event of another app, and writes nothing', async () => {
    const write = createPodWriter({ app: 'api', log, aggregate: echo, decide: decideAs('api', echo.decide) });
    await expect(write(key, context, stopped)).rejects.toBeInstanceOf(ForeignEventError);
    expect(log.all()).toEqual([]);
  });

  it('fails the same way below the types: the check stands before every append', async () => {
    const deps = {
      log,
      aggregate: echo,
      cached: () => undefined,
      assertMayEmit: (type: string) => assertMayEmit('health', type),
    };
    await expect(handleCommand(deps, ['dev', 'docpod'], context, stopped)).rejects.toThrow(
      'health may not write PodStopped',
    );
    expect(log.all()).toEqual([]);
  });

  it('decides on the log itself once its replica has failed: the next event leaves no gap', async () => {
    const fold = { state: 7, version: 7, hash: genesisHash, seq: 7, newerThanMe: false };
    const failed = { get: () => fold, failure: new ReplicaFailedError('the log was put back from an older state') };
    const decide = decideAs('api', echo.decide);
    const write = createPodWriter({ app: 'api', log, replica: failed, aggregate: echo, decide });
    expect(await write(key, context, stopRequested)).toMatchObject({ kind: 'appended', version: 1 });
  });

  it.each([
    { replica: { isCaughtUp: true }, asks: 0 },
    { replica: { isCaughtUp: false }, asks: 1 },
    { replica: { isCaughtUp: true, failure: new ReplicaFailedError('another log') }, asks: 1 },
  ])(
    'takes what its replica does not know for new only when that has caught up: $replica',
    async ({ replica, asks }) => {
      let asked = 0;
      const counting: EventLog = { ...log, last: (...args) => ((asked += 1), log.last(...args)) };
      const decide = decideAs('api', echo.decide);
      const known = { get: () => undefined, ...replica };
      const write = createPodWriter({ app: 'api', log: counting, replica: known, aggregate: echo, decide });
      expect(await write(key, context, stopRequested)).toMatchObject({ kind: 'appended', version: 1 });
      expect(asked).toBe(asks);
    },
  );

  it('exists for every event in exactly one app', () => {
    const apps: readonly PodEventEmitter[] = ['api', 'spawner', 'health'];
    expect(Object.keys(podEventEmitters).toSorted()).toEqual([...apps].toSorted());
    for (const type of podEventTypes) expect(apps.filter((app) => mayEmit(app, type))).toHaveLength(1);
  });
});
