// Every app killed again and again by SIGKILL at random moments, two processes of each running, while users go on asking.
// What is random comes from a seed, which is printed; PODS_CHAOS_SEED gives it back.
import { randomBytes } from 'node:crypto';
import { eventually } from '@pods/testing';
import { beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { commandIdOf } from './chaos/commands.ts';
import { askedFor, breachesOf, endedRuns } from './chaos/history-laws.ts';
import { apps } from './chaos/kill-plan.ts';
import { reportOf } from './chaos/report.ts';
import type { Storm } from './chaos/storm.ts';
import { killsEach, runStorm } from './chaos/storm.ts';
import { expectUnbroken } from './client/history.ts';
import type { Platform } from './client/platform.ts';
import { openPlatform } from './client/platform.ts';

const seed = process.env['PODS_CHAOS_SEED'] ?? randomBytes(4).toString('hex');
const user = 'ada';

let platform: Platform;
let storm: Storm;

beforeAll(async () => {
  console.log(`chaos: PODS_CHAOS_SEED=${seed}`);
  platform = await openPlatform();
  storm = await runStorm(platform, inject('platform'), seed);
  console.log(`chaos: ${storm.outcomes.length} commands, killed: ${JSON.stringify(storm.killed)}`);
}, 400_000);

beforeEach(({ onTestFailed }) => {
  onTestFailed(() => {
    console.error(reportOf(storm, seed));
  });
});

describe('after every app was killed again and again', () => {
  test.each(apps)('%s lost its processes often enough to prove something', (app) => {
    expect(storm.killed[app]).toBeGreaterThanOrEqual(killsEach);
  });

  test('each command has its outcome: what was accepted stands once in its history, what was refused does not', () => {
    const ids = new Map(
      storm.outcomes.map((outcome) => [commandIdOf(outcome.command, { tenant: platform.tenant, user }), outcome]),
    );
    const found = [...storm.histories.values()].flat().filter((event) => !event.actor.startsWith('pods:'));
    expect(
      found.filter((event) => !ids.has(event.causeId)),
      'events of no command',
    ).toEqual([]);
    const wrong = [...ids].filter(([id, { status, version, uncertainBefore }]) => {
      const versions = found.filter((event) => event.causeId === id).map((event) => event.version);
      if (version !== undefined) return versions.length !== 1 || versions[0] !== version;
      // A deletion, or a change before one, whose first answer was lost: asked again there is no such pod.
      return versions.length > (status === 404 && uncertainBefore ? 1 : 0);
    });
    expect(wrong.map(([, outcome]) => outcome)).toEqual([]);
    expect(storm.outcomes.filter(({ status }) => ![200, 404, 409].includes(status))).toEqual([]);
  });

  test('every user has read what was answered before', () => {
    expect(storm.stale).toEqual([]);
  });

  test('histories have no gap, and no fact of one run stands in another', () => {
    for (const history of storm.histories.values()) {
      expectUnbroken(history);
      expect(breachesOf(history)).toEqual([]);
    }
  });

  test('each pod is what was asked for last, and the cluster holds what belongs to it and nothing else', async () => {
    expect(storm.unsettled).toEqual([]);
    const known: string[] = [];
    for (const [podId, history] of storm.histories) {
      const objects = await platform.cluster.objectsOf(platform.tenant, podId);
      known.push(...objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`));
      const kinds = askedFor(history) === 'ON' ? ['ConfigMap', 'NetworkPolicy', 'Pod', 'Secret', 'Service'] : [];
      expect({ podId, kinds: objects.map((object) => object.kind).toSorted() }).toEqual({ podId, kinds });
      const run = history.findLast((event) => event.type === 'PodSpawnStarted')?.body;
      const labels = {
        'pods.local/incarnation': String(run?.['incarnation']),
        'pods.local/run': String(run?.['run']),
      };
      for (const { metadata } of objects) expect(metadata.labels).toMatchObject(labels);
    }
    const named = await platform.cluster.objectsNamed(`pods-local-${platform.tenant}-chaos`);
    expect(named.toSorted()).toEqual(known.toSorted());
  });

  // A process that had begun to make a run's objects may come late with the Pod: after another one had begun to take them
  // away, which then takes away this one too. Two at once cannot be: they have one name.
  test('no run had a second Pod object before its end had begun', () => {
    expect(storm.podObjects.size).toBeGreaterThan(0);
    const ended = new Set([...storm.histories].flatMap(([podId, history]) => endedRuns(podId, history)));
    expect([...storm.podObjects].filter(([run, uids]) => uids.size !== 1 && !ended.has(run))).toEqual([]);
  });

  test('pages are served', async () => {
    const on = [...storm.histories].filter(([, history]) => askedFor(history) === 'ON').map(([podId]) => podId);
    for (const podId of on) {
      const pod = await platform.api.get(podId);
      await eventually(async () => expect((await platform.visit(pod)).status).toBe(200));
    }
  });

  test('no app ended by itself, gave an event up or met an error that needs a person', async () => {
    expect(storm.unasked).toEqual([]);
    expect(storm.poisoned).toBe(0);
    expect(storm.unexpectedLines).toEqual([]);
  });
});
