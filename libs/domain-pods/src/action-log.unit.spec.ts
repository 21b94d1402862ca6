// The action log: what people read of a history.
import type { PodEvent } from '@pods/contracts';
import { expect, test } from 'vitest';
import { renderActionLog } from './action-log.ts';
import { eventsOfStart, metaAt, podCreated } from './testing/index.ts';

const rendered = (...events: readonly PodEvent[]): readonly string[] =>
  renderActionLog(events.map((event, index) => ({ event, meta: metaAt(index + 1) })));

test('tells a whole life in the documented words', () => {
  const of = { incarnation: 1, run: 1 };
  expect(
    rendered(
      podCreated(),
      ...eventsOfStart(),
      { type: 'PodStopRequested' },
      { type: 'PodTeardownStarted', ...of, purpose: 'stop' },
      { type: 'PodLogsArchived', ...of, object: null, sizeBytes: 0 },
      { type: 'PodStopped', ...of },
      { type: 'PodStartRequested' },
    ),
  ).toEqual([
    "26/01/01 00:00: Pod object created by 'ada'",
    '26/01/01 00:00: spawner set status to SPAWNING',
    '26/01/01 00:00: health set status to AVAILABLE',
    "26/01/01 00:00: 'ada' ran stop_pod, set to OFF",
    '26/01/01 00:00: spawner set status to SHUTTING_DOWN',
    '26/01/01 00:00: spawner set status to STOPPED',
    "26/01/01 00:00: 'ada' ran start_pod, set to ON and REQUESTED",
  ]);
});

test('tells why logs were not kept', () => {
  const of = { incarnation: 1, run: 1 };
  const lines = rendered(podCreated(), ...eventsOfStart(), {
    type: 'PodLogsArchived',
    ...of,
    object: null,
    sizeBytes: 0,
    notKept: 'the store of logs is full',
  });
  expect(lines.at(-1)).toBe('26/01/01 00:00: health could not keep the logs: the store of logs is full');
});

test('shows what an update changed, hides values of environment variables, and counts what is too much', () => {
  const changes = {
    description: 'new',
    command: ['sleep', '5'],
    environment_variables: { A: 'secret', B: 'secret' },
    resources: {
      ...podCreated().definition.resources,
      cpu_request: 300,
      cpu_limit: 1,
      mem_request: 2,
      mem_limit: 3,
      gpus: 1,
    },
  };
  const [, line] = rendered(podCreated(), { type: 'PodUpdated', changes, modifiedFields: [] });
  expect(line).toBe(
    `26/01/01 00:00: 'ada' updated pod: description: ""→"new", command: null→["sleep","5"], environment_variables.A: added (hidden), ` +
      'environment_variables.B: added (hidden), resources.cpu_request: 250→300, resources.cpu_limit: 2000→1, ' +
      'resources.mem_request: 256→2, resources.mem_limit: 3072→3, +1 more',
  );
  expect(line).not.toContain('secret');
});

test('shows the current incarnation only', () => {
  const deleted: PodEvent = { type: 'PodDeleted', incarnation: 1, lastRun: 0 };
  expect(rendered(podCreated(), deleted, podCreated({ incarnation: 2 }))).toEqual([
    "26/01/01 00:00: Pod object created by 'ada'",
  ]);
});

test('shows what a change of status_requested came from', () => {
  const off: PodEvent = { type: 'PodUpdated', changes: {}, modifiedFields: [], statusRequested: 'OFF' };
  expect(rendered(podCreated(), off).at(-1)).toBe(`26/01/01 00:00: 'ada' updated pod: status_requested: "ON"→"OFF"`);
});

test('says a thing once when it is repeated at once', () => {
  const restart: PodEvent = { type: 'PodRestartRequested' };
  expect(rendered(podCreated(), restart, restart)).toHaveLength(2);
});
