// The laws find what they are there to find: each breach in a history that is in order but for it.
import { aDefinition } from '@pods/domain-pods/testing';
import type { RecordedEvent } from '@pods/event-store';
import { genesisHash } from '@pods/event-store';
import { describe, expect, it } from 'vitest';
import { askedFor, breachesOf } from './history-laws.ts';

type Written = readonly [type: string, body: Readonly<Record<string, unknown>>];

const created: Written = [
  'PodCreated',
  {
    incarnation: 1,
    site: 'local',
    definition: aDefinition(),
    modifiedFields: [],
    statusRequested: 'ON',
    permissions: ['ada:ADMIN'],
  },
];
const ofRun = (run: number): { incarnation: number; run: number } => ({ incarnation: 1, run });
const opened = (run: number, generation: number): Written => [
  'PodSpawnStarted',
  { ...ofRun(run), generation, definitionVersion: 1 },
];
const made = (run: number, podUid = `uid-${run}`): Written => [
  'PodObjectsCreated',
  { ...ofRun(run), podUid, podName: 'pod', address: '10.0.0.1' },
];
const available = (run: number, podUid = `uid-${run}`): Written => [
  'PodBecameAvailable',
  { ...ofRun(run), podUid, startedAt: '2026-01-01T00:00:00.000Z' },
];
const goes = (run: number): Written => ['PodTeardownStarted', { ...ofRun(run), purpose: 'restart' }];
const stopped = (run: number): Written => ['PodStopped', ofRun(run)];
const archived = (run: number): Written => ['PodLogsArchived', { ...ofRun(run), object: null, sizeBytes: 0 }];
const deleted = (lastRun: number): Written => ['PodDeleted', { incarnation: 1, lastRun }];
const restart: Written = ['PodRestartRequested', {}];

const writers: Readonly<Record<string, string>> = {
  PodSpawnStarted: 'pods:spawner',
  PodObjectsCreated: 'pods:spawner',
  PodTeardownStarted: 'pods:spawner',
  PodStopped: 'pods:spawner',
  PodBecameAvailable: 'pods:health',
  PodLogsArchived: 'pods:health',
};

function history(...events: readonly Written[]): readonly RecordedEvent[] {
  return events.map(([type, body], index) => ({
    key: ['dev', 'docpod'],
    version: index + 1,
    seq: index + 1,
    at: '2026-01-01T00:00:00.000Z',
    eventId: `event-${index}`,
    causeId: `cause-${index}`,
    causeHash: '',
    actor: writers[type] ?? 'ada',
    schema: 1,
    previousHash: genesisHash,
    hash: genesisHash,
    type,
    body,
  }));
}

const ran: readonly Written[] = [created, opened(1, 1), available(1), made(1)];

describe('a history', () => {
  it.each([
    ['a start', ran],
    ['a restart', [...ran, restart, goes(1), archived(1), stopped(1), opened(2, 5), made(2), available(2)]],
    ['logs that are kept after the end', [...ran, restart, goes(1), stopped(1), archived(1), opened(2, 5)]],
    ['a deletion', [...ran, deleted(1)]],
  ])('of %s is in order', (_what, events) => {
    expect(breachesOf(history(...events))).toEqual([]);
  });

  it.each([
    ['a fact of another run', [...ran, restart, goes(1), stopped(1), opened(2, 5), made(1)], /of run 1/],
    ['another Pod object', [created, opened(1, 1), made(1), available(1, 'uid-x')], /another Pod object/],
    ['a fact twice', [...ran, available(1)], /twice/],
    ['a fact after the end', [...ran, restart, goes(1), stopped(1), available(1)], /after the end/],
    ['a fact after the deletion', [...ran, deleted(1), archived(1)], /deleted/],
    ['a second run beside the first', [...ran, restart, opened(2, 5)], /beside an open run/],
    ['a run number twice', [...ran, restart, goes(1), stopped(1), opened(1, 5)], /run 1 after 1/],
    ['a run that nobody wants', [...ran, restart, goes(1), stopped(1), opened(2, 1)], /wanted is 5/],
    ['an end without a teardown', [...ran, stopped(1)], /before a teardown/],
    ['a deletion that forgets a run', [...ran, deleted(0)], /last run was 1/],
    ['a creation while it lives', [...ran, created], /while it lives/],
    ['a type that nobody knows', [...ran, ['PodDreamt', {}] satisfies Written], /unknown type/],
  ])('with %s is not', (_what, events, breach) => {
    expect(breachesOf(history(...events)).join('\n')).toMatch(breach);
  });

  it('with an event of the wrong app is not', () => {
    const forged = history(...ran).map((event) => ({ ...event, actor: 'pods:health' }));
    expect(breachesOf(forged)).toContain('v2 PodSpawnStarted: written by pods:health');
  });

  it.each([
    ['none', [...ran, deleted(1)]],
    ['ON', [...ran, restart]],
    ['OFF', [...ran, ['PodStopRequested', {}] satisfies Written]],
  ])('asks for %s', (asked, events) => {
    expect(askedFor(history(...events))).toBe(asked);
  });
});
