// Laws that hold for every history: random orders of commands and facts, and permutations of one run's facts.
import type { PodEvent } from '@pods/contracts';
import { podEventTypes } from '@pods/contracts';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PodCommand } from './commands.ts';
import { decide } from './decide.ts';
import { evolve } from './evolve.ts';
import type { LivePod, PodState } from './state.ts';
import { isLive, needsReplacement, needsRun, noPod, openRunOf, podStatuses } from './state.ts';
import { aDefinition, foldEvents, metaAt, podCreated } from './testing/index.ts';

const caller = { user: 'ada', isServiceAdmin: false };
const byAda = { caller, needs: 'ADMIN' } as const;
const cause = { reason: 'Reason', message: 'message' };
const at = '2026-01-01T00:00:00.000Z';

/** A command that is made when its turn comes, for the pod as it then is. */
type Step = (pod: LivePod | null) => PodCommand;

const userStep: fc.Arbitrary<Step> = fc
  .constantFrom<PodCommand>(
    { type: 'StartPod', ...byAda },
    { type: 'StopPod', ...byAda },
    { type: 'RestartPod', ...byAda },
    { type: 'UpdatePod', ...byAda, changes: { description: 'new' }, sentFields: ['description'] },
    { type: 'UpdatePod', ...byAda, changes: {}, sentFields: [], statusRequested: 'RESTART' },
    { type: 'DeletePod', ...byAda },
    ...(['ON', 'OFF'] as const).map((statusRequested): PodCommand => ({
      type: 'CreatePod',
      caller,
      tenant: 'dev',
      podId: 'docpod',
      site: 'local',
      definition: aDefinition(),
      modifiedFields: [],
      statusRequested,
    })),
  )
  .map((command) => () => command);

/** Mostly facts of the run that is open, sometimes of the one before or of a Pod object nobody knows. */
const factStep: fc.Arbitrary<Step> = fc
  .record({ kind: fc.nat({ max: 10 }), late: fc.integer({ min: 0, max: 29 }), flag: fc.boolean() })
  .map(({ kind, late, flag }) => (pod) => {
    const incarnation = (pod?.incarnation ?? 1) - Number(late === 29);
    const run = (pod?.run?.number ?? 1) - Number(late === 28);
    const of = { incarnation, run, podUid: `uid-${run}${'-other'.repeat(Number(late === 27))}` };
    const facts: readonly PodCommand[] = [
      { type: 'OpenRun', incarnation, generation: (pod?.generation ?? 1) - Number(late === 26) },
      { type: 'RecordObjectsCreated', ...of, podName: 'p', address: '198.19.0.7' },
      { type: 'RecordSpawnFailure', ...of, attempt: (pod?.run?.spawnFailures ?? 0) + 1, cause, final: flag },
      { type: 'BeginTeardown', ...of },
      { type: 'RecordStopped', ...of },
      { type: 'RecordLoss', ...of, cause, lossesMax: 2, at },
      { type: 'RecordAvailable', ...of, startedAt: at },
      { type: 'RecordCompleted', ...of, cause, exitCode: 0, finishedAt: null },
      { type: 'RecordErrored', ...of, cause, exitCode: 1, finishedAt: null, neverRan: flag },
      { type: 'RecordLogsArchived', ...of, object: null, sizeBytes: 0 },
      { type: 'StopOnTime', ...of, now: '2036-01-01T00:00:00.000Z' },
    ];
    return facts[kind] ?? { type: 'BeginTeardown', ...of };
  });

const steps = fc.array(fc.oneof(userStep, factStep, factStep, factStep), {
  minLength: 40,
  maxLength: 120,
  size: 'max',
});

interface Walk {
  readonly states: readonly PodState[];
  readonly events: readonly PodEvent[];
}

function walk(asked: readonly Step[]): Walk {
  const states: PodState[] = [noPod];
  const events: PodEvent[] = [];
  for (const [index, step] of asked.entries()) {
    const state = states.at(-1) ?? noPod;
    const command = step(isLive(state) ? state : null);
    const context = { commandId: `random-${index}`, commandHash: '', actor: 'ada' };
    const decision = decide(state, command, context);
    if (decision.kind !== 'event') continue;
    events.push(decision.event);
    states.push(evolve(state, decision.event, metaAt(events.length, { causeId: context.commandId })));
  }
  return { states, events };
}

function expectInvariants(pod: LivePod): void {
  expect(podStatuses).toContain(pod.status);
  const run = openRunOf(pod);
  if (run === null) {
    expect(['REQUESTED', 'STOPPED', 'ERROR']).toContain(pod.status);
  } else {
    expect(pod.status).not.toBe('STOPPED');
    expect(run.number).toBe(pod.lastRun);
    expect(run.generation).toBeLessThanOrEqual(pod.generation);
  }
  if (pod.desired === 'OFF' && run === null) expect(pod.status).toBe('STOPPED');
  expect(needsRun(pod) && needsReplacement(pod)).toBe(false);
  expect(pod.commands.length).toBeLessThanOrEqual(64);
}

describe('whatever is asked and seen, in any order', () => {
  test('the invariants hold after every event', () => {
    fc.assert(
      fc.property(steps, (asked) => {
        for (const state of walk(asked).states) if (isLive(state)) expectInvariants(state);
      }),
      { numRuns: 300 },
    );
  });

  test('every status and every event is met, so that the laws here are put to the test', () => {
    const met = fc.sample(steps, { numRuns: 500, seed: 1 }).map((asked) => walk(asked));
    expect(new Set(met.flatMap((one) => one.states.map((state) => state.status)))).toEqual(
      new Set([...podStatuses, 'NONE', 'DELETED']),
    );
    expect(new Set(met.flatMap((one) => one.events.map((event) => event.type)))).toEqual(new Set(podEventTypes));
  });

  test('run numbers never repeat, over all incarnations', () => {
    fc.assert(
      fc.property(steps, (asked) => {
        const runs = walk(asked).events.flatMap((event) => (event.type === 'PodSpawnStarted' ? [event.run] : []));
        expect(runs).toEqual([...new Set(runs)].toSorted((left, right) => left - right));
      }),
    );
  });

  test('a run that is being taken down is never AVAILABLE again', () => {
    fc.assert(
      fc.property(steps, (asked) => {
        const down = new Set<number>();
        for (const state of walk(asked).states) {
          if (!isLive(state) || state.run === null) continue;
          if (state.run.teardownStarted) down.add(state.run.number);
          if (state.status === 'AVAILABLE') expect(down.has(state.run.number)).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });
});

const of = { incarnation: 1, run: 1 };
const object = { ...of, podUid: 'uid-1' };
const factsOfRun: readonly PodEvent[] = [
  { type: 'PodObjectsCreated', ...object, podName: 'p', address: '198.19.0.7' },
  { type: 'PodSpawnFailed', ...of, attempt: 1, final: false, ...cause },
  { type: 'PodBecameAvailable', ...object, startedAt: at },
  { type: 'PodErrored', ...object, ...cause, exitCode: 3, finishedAt: null, neverRan: false },
  { type: 'PodTeardownStarted', ...of, purpose: 'stop' },
  { type: 'PodLogsArchived', ...of, object: 'logs', sizeBytes: 3 },
  { type: 'PodStopped', ...of },
];
const opened = [podCreated(), { type: 'PodSpawnStarted', ...of, generation: 1, definitionVersion: 1 }] as const;

/** The versions and instants of events differ with their order; nothing else may. */
function content(state: PodState): unknown {
  if (!isLive(state)) return state;
  const failure = state.run?.lastSpawnFailure ?? null;
  const lastSpawnFailure = failure === null ? null : { ...failure, at: '' };
  return { ...state, version: 0, run: { ...state.run, lastSpawnFailure, teardownStartedAt: '' } };
}

describe('facts of one run', () => {
  test('commute: any order of any of them gives the same pod', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...factsOfRun]), (facts) => {
        const inOrder = factsOfRun.filter((known) => facts.includes(known));
        expect(content(foldEvents([...opened, ...facts]))).toEqual(content(foldEvents([...opened, ...inOrder])));
      }),
    );
  });

  test('of another run or incarnation change nothing but the version', () => {
    fc.assert(
      fc.property(fc.constantFrom(...factsOfRun), fc.constantFrom({ run: 2 }, { incarnation: 2 }), (known, other) => {
        const before = foldEvents(opened);
        const after = evolve(before, { ...known, ...other }, metaAt(3));
        expect(after).toEqual({ ...before, version: 3 });
      }),
    );
  });

  test('the fold of any events, in any order, never throws', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(...opened, ...factsOfRun, { type: 'PodDeleted', incarnation: 1, lastRun: 1 } as const),
        ),
        (events) => {
          expect(() => foldEvents(events)).not.toThrow();
        },
      ),
    );
  });
});
