// The program on a real log: a pod that the API can neither stop nor delete goes, and its id can be used again.
import { randomUUID } from 'node:crypto';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import type { PodEvent, Topology } from '@pods/contracts';
import { topology } from '@pods/contracts';
import type { PodState } from '@pods/domain-pods';
import { podAggregate } from '@pods/domain-pods';
import { aDefinition, eventsOfStart, podCreated } from '@pods/domain-pods/testing';
import type { EventLog, Replica } from '@pods/event-store';
import {
  createPodWriter,
  createReplica,
  decideAs,
  genesisHash,
  openNatsLog,
  podHistories,
  verifyHistory,
} from '@pods/event-store';
import { eventually, freshPrefix } from '@pods/testing';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { specSizes } from '../nats/definitions.ts';
import { provisionNats } from '../nats/provision-nats.ts';
import { runMain, runMainJson } from '../testing/run-main.ts';

const key = { tenant: 'dev', podId: 'docpod' };
const history = [key.tenant, key.podId];
const caller = { user: 'ada', isServiceAdmin: false };

let names: Topology;
let nc: NatsConnection;
let log: EventLog;
let replica: Replica<PodState>;

beforeEach(async () => {
  names = topology(freshPrefix());
  nc = await connect({ servers: inject('natsUrl') });
  await provisionNats(nc, { names, replicas: 1, maxBytes: specSizes });
  const histories = podHistories(names);
  log = await openNatsLog({ nc, names: histories });
  replica = createReplica({
    nc,
    names: histories,
    aggregate: podAggregate,
    log,
    snapshotBucket: names.buckets.podState,
  });
  await replica.caughtUp;
});
afterEach(async () => {
  await replica.close();
  await nc.close();
});

/** Stores an event wherever it is said, as a log does that was put back from a copy. */
async function store(version: number, { type, ...body }: PodEvent | { type: string }): Promise<void> {
  const previousHash = (await log.last(history))?.hash ?? genesisHash;
  const about = { eventId: randomUUID(), causeId: randomUUID(), causeHash: '', actor: 'ada', schema: 1 };
  await log.append(history, version, { ...about, type, previousHash, body });
}

const write = () =>
  createPodWriter({
    app: 'api',
    log,
    replica,
    aggregate: podAggregate,
    decide: decideAs('api', podAggregate.decide),
  });
const context = () => ({ commandId: randomUUID(), commandHash: '', actor: 'ada' });
const removePod = (...more: readonly string[]): readonly string[] => [
  'remove-pod',
  `--url=${inject('natsUrl')}`,
  `--prefix=${names.prefix}`,
  '--tenant=dev',
  '--pod=docpod',
  ...more,
];

const [opened] = eventsOfStart(3);
const broken = [
  ['a gap', { type: 'PodStopRequested' }, 5, 'event 3 is missing'],
  ['an event of an unknown type', { type: 'PodHibernated' }, 3, 'event 3 is of an unknown type'],
] as const;

describe('remove-pod', () => {
  it.for(broken)('deletes a pod with %s, whose id can then be used again', async ([, event, version, flaw]) => {
    await store(1, podCreated());
    if (opened !== undefined) await store(2, opened);
    await store(version, event);
    await eventually(() => replica.get(history)?.newerThanMe === true);
    await expect(write()(key, context(), { type: 'DeletePod', caller, needs: 'ADMIN' })).rejects.toThrow('newer');

    const checked = await runMain(removePod('--check'));
    expect(checked).toMatchObject({ exitCode: 1 });
    expect(checked.stdout).toContain(flaw);
    expect(await log.read(history)).toHaveLength(3);

    const { exitCode, result } = await runMainJson(removePod());
    expect(exitCode).toBe(0);
    expect(result).toMatchObject({
      ok: true,
      version: version + 1,
      flaws: [{ version: 3 }, ...(version > 3 ? [{}] : [])],
    });
    await replica.whenVersion(history, version + 1, { deadlineMs: 5000 });
    expect(replica.get(history)).toBeUndefined();
    const events = await log.read(history);
    expect(events.at(-1)).toMatchObject({ type: 'PodDeleted', actor: 'pods:operator' });
    expect(verifyHistory(events.slice(-1), events.at(-2))).toMatchObject({ ok: true });

    const created = await write()(key, context(), {
      type: 'CreatePod',
      caller,
      ...key,
      site: 'local',
      definition: aDefinition(),
      modifiedFields: [],
      statusRequested: 'ON',
    });
    expect(created).toMatchObject({ kind: 'appended', version: version + 2 });
    const folded = await replica.whenVersion(history, version + 2, { deadlineMs: 5000 });
    expect(folded.newerThanMe).toBe(false);
    expect(folded.state).toMatchObject({ status: 'REQUESTED', lastRun: version > 3 ? 5 : 4 });
  });

  it('refuses a pod whose history is sound, that is deleted already, or that never was', async () => {
    expect(await runMainJson(removePod())).toMatchObject({ exitCode: 1, result: { code: 'pod_not_found' } });
    await store(1, podCreated());
    expect(await runMainJson(removePod())).toMatchObject({ exitCode: 1, result: { code: 'pod_is_sound' } });
    await store(2, { type: 'PodDeleted', incarnation: 1, lastRun: 0 });
    expect(await runMainJson(removePod())).toMatchObject({ exitCode: 1, result: { code: 'pod_not_found' } });
    expect(await log.read(history)).toHaveLength(2);
  });
});
