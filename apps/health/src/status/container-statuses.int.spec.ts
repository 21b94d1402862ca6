import { jetstream } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import type { ContainerStatus } from '@pods/contracts';
import { eventually } from '@pods/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { specNats } from '../testing/nats.ts';
import { openContainerStatuses } from './container-statuses.ts';

const status: ContainerStatus = { incarnation: 1, run: 1, phase: 'Running', startTime: null, message: '', ready: true };
const name = 'dev.docpod';

async function world() {
  const { nc, names } = await specNats();
  const bucket = names.buckets.podContainer;
  const open = async () => {
    const statuses = await openContainerStatuses(nc, bucket);
    onTestFinished(() => statuses.close());
    return statuses;
  };
  const kv = await new Kvm(jetstream(nc)).open(bucket);
  return { open, kv };
}

describe('the last status of each container', () => {
  test('is written when it differs and not otherwise', async () => {
    const { open, kv } = await world();
    const statuses = await open();
    expect(await statuses.put(name, status)).toBe(true);
    const entry = await kv.get('dev.docpod.observed');
    expect(entry?.json()).toEqual(status);
    expect(await statuses.put(name, { ...status })).toBe(false);
    expect((await kv.get('dev.docpod.observed'))?.revision).toBe(entry?.revision);
    expect(await statuses.put(name, { ...status, ready: false })).toBe(true);
  });

  test('is known after a restart, so that nothing is written anew', async () => {
    const { open, kv } = await world();
    await (await open()).put(name, status);
    await kv.put('dev.docpod.progress', JSON.stringify({ ...status, message: 'another writer' }));
    const again = await open();
    expect(again.keys()).toEqual([name]);
    expect(await again.put(name, status)).toBe(false);
  });

  test('written by another process is known here', async () => {
    const { open } = await world();
    const [one, other] = [await open(), await open()];
    await one.put(name, status);
    await eventually(() => {
      expect(other.get(name)).toEqual(status);
    });
    await other.remove(name);
    await eventually(() => {
      expect(one.get(name)).toBeUndefined();
    });
  });

  test('of a pod that is gone leaves no value, and is not removed twice', async () => {
    const { open, kv } = await world();
    const statuses = await open();
    await statuses.put(name, status);
    await statuses.remove(name);
    const removed = await kv.get('dev.docpod.observed');
    expect(removed?.operation).toBe('PURGE');
    await statuses.remove(name);
    expect((await kv.get('dev.docpod.observed'))?.revision).toBe(removed?.revision);
  });

  test('that cannot be read is written anew', async () => {
    const { open, kv } = await world();
    await kv.put('dev.docpod.observed', 'no JSON');
    const statuses = await open();
    expect(await statuses.put(name, status)).toBe(true);
  });
});
