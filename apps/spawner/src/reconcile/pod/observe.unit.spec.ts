// What is concluded when cluster, cache and replica were not looked at in the same instant.
import type { PodState } from '@pods/domain-pods';
import { podAggregate } from '@pods/domain-pods';
import { eventsOfStart, foldLive, podCreated } from '@pods/domain-pods/testing';
import { emptyFold } from '@pods/event-store';
import { createMemoryLog } from '@pods/event-store/testing';
import { describe, expect, it } from 'vitest';
import { firstRun, materials, someSettings } from '../../testing/builders.ts';
import { createSimulatedCluster } from '../../testing/simulated-cluster.ts';
import { observe } from './observe.ts';
import type { Snapshot } from './snapshot.ts';

const going: PodState = foldLive([
  podCreated(),
  ...eventsOfStart(),
  { type: 'PodRestartRequested' },
  { type: 'PodTeardownStarted', incarnation: 1, run: 1, purpose: 'restart' },
]);

async function observed(run: number, options: { readonly cached: boolean }): Promise<Snapshot> {
  const cluster = createSimulatedCluster();
  const start = materials({ ...firstRun, run });
  if (start.kind !== 'manifests') throw new Error('the definition cannot be run');
  await cluster.kube.create('Pod', start.manifests.pod);
  if (options.cached) cluster.sync();
  return observe(
    { tenant: 'dev', podId: 'docpod' },
    {
      replica: { get: () => ({ ...emptyFold(podAggregate), state: going }), isCaughtUp: true, failure: undefined },
      log: createMemoryLog(),
      cluster: cluster.view,
      kube: cluster.kube,
      installation: firstRun.installation,
      settings: someSettings,
      mayRemoveOrphans: () => true,
      teardownSeenAt: () => 0,
    },
    AbortSignal.timeout(10_000),
  );
}

describe('a Pod that the cache does not have yet', () => {
  it('of the run that the replica has is counted in', async () => {
    expect(await observed(1, { cached: false })).toMatchObject({
      knowledge: { kind: 'live' },
      objects: [{ kind: 'Pod', run: 1 }],
    });
  });

  it('of a later run says that another process is ahead of this replica, not that nothing accounts for it', async () => {
    expect((await observed(2, { cached: false })).knowledge).toEqual({ kind: 'behind' });
  });
});
