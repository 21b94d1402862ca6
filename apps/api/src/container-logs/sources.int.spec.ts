// What the API shows of containers, on a real nats-server: health's answers, the archive, the last observations.
import { gzipSync } from 'node:zlib';
import { Kvm } from '@nats-io/kv';
import { Objm } from '@nats-io/obj';
import type { NatsConnection } from '@nats-io/transport-node';
import { connect } from '@nats-io/transport-node';
import type { ContainerStatus } from '@pods/contracts';
import { topology } from '@pods/contracts';
import { provisionNats, specSizes } from '@pods/provision';
import type { Answer, RequestServer } from '@pods/service';
import { answered, createLogger, refused, serveChunks } from '@pods/service';
import { eventually, freshPrefix } from '@pods/testing';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { createContainerStatusMap } from '../container-status/container-status.ts';
import { watchContainerStatus } from '../container-status/watch-container-status.ts';
import { createArchivedLogs } from './archived-logs.ts';
import type { RunningLogs, RunKey } from './container-logs.ts';
import { createRunningLogs } from './running-logs.ts';

const names = topology(freshPrefix());
const log = createLogger({ app: 'api', level: 'silent' });
const run: RunKey = { tenant: 'dev', podId: 'docpod', incarnation: 1, run: 2 };

let nc: NatsConnection;
let running: RunningLogs;
let server: RequestServer | undefined;
beforeAll(async () => {
  nc = await connect({ servers: inject('natsUrl'), inboxPrefix: '_INBOX_api' });
  await provisionNats(nc, { names, replicas: 1, maxBytes: specSizes });
  running = createRunningLogs({ nc, app: 'api', subject: names.subjects.containerLogs, log, timeoutMs: 500 });
});
afterEach(async () => {
  await server?.close();
  server = undefined;
});
afterAll(() => nc.close());

/** Stands in for health: answers as it does, with what a spec wants. */
function health(answer: (asked: unknown) => Promise<Answer<AsyncIterable<Uint8Array>>>): void {
  server = serveChunks(nc, names.subjects.containerLogs, {
    queue: 'health',
    schema: z.unknown(),
    deadlineMs: 5000,
    log,
    handler: (asked) => answer(asked),
  });
}

async function* pieces(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

describe('logs of a running container', () => {
  it('come in many parts and in order', async () => {
    const parts = Array.from({ length: 40 }, (_, index) => Buffer.alloc(100_000, 97 + (index % 26)));
    health(async (asked) => {
      expect(asked).toEqual(run);
      return answered(pieces(...parts));
    });
    const found = await running(run);
    expect(found.kind).toBe('bytes');
    if (found.kind === 'bytes') expect(Buffer.compare(found.bytes, Buffer.concat(parts))).toBe(0);
  });

  it('are unavailable at once when nobody answers', async () => {
    const startedAt = performance.now();
    expect(await running(run)).toEqual({ kind: 'unavailable' });
    expect(performance.now() - startedAt).toBeLessThan(400);
  });

  it('are none when health does not follow the run', async () => {
    health(async () => refused('not_following', 'not here'));
    expect(await running(run)).toEqual({ kind: 'none' });
  });

  it('are unavailable when health breaks off', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('begin');
      throw new Error('the source broke');
    }
    health(async () => answered(broken()));
    expect(await running(run)).toEqual({ kind: 'unavailable' });
  });
});

describe('archived logs', () => {
  it('are read back, none when they are gone, unavailable when they are no archive', async () => {
    const store = await new Objm(nc).open(names.buckets.podLogs);
    const text = Buffer.from('line\n'.repeat(200_000));
    await store.putBlob({ name: 'good' }, gzipSync(text));
    await store.putBlob({ name: 'bad' }, text.subarray(0, 100));
    const archived = createArchivedLogs(nc, names.buckets.podLogs, log);
    const good = await archived('good');
    expect(good.kind === 'bytes' && Buffer.compare(good.bytes, text)).toBe(0);
    expect(await archived('gone')).toEqual({ kind: 'none' });
    expect(await archived('bad')).toEqual({ kind: 'unavailable' });
    const elsewhere = createArchivedLogs(nc, `${names.prefix}_nowhere`, log);
    expect(await elsewhere('good')).toEqual({ kind: 'unavailable' });
  });
});

describe('the last observations of containers', () => {
  it('are followed: what was there, what changes, what is deleted', async () => {
    const kv = await new Kvm(nc).open(names.buckets.podContainer);
    const status: ContainerStatus = {
      incarnation: 1,
      run: 1,
      phase: 'Pending',
      startTime: null,
      message: '',
      ready: null,
    };
    await kv.put('dev.docpod.observed', JSON.stringify(status));
    const map = createContainerStatusMap();
    const ending = new AbortController();
    const bucket = names.buckets.podContainer;
    const watching = watchContainerStatus({ nc, bucket, map, log, signal: ending.signal });
    const of = () => map.of({ tenant: 'dev', podId: 'docpod' });
    await eventually(() => of().observed?.phase === 'Pending');
    await kv.put('dev.docpod.observed', JSON.stringify({ ...status, phase: 'Running' }));
    await eventually(() => of().observed?.phase === 'Running');
    await kv.delete('dev.docpod.observed');
    await eventually(() => of().observed === undefined);
    ending.abort();
    await watching;
  });
});
