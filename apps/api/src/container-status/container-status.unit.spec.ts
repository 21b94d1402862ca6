import type { ContainerStatus } from '@pods/contracts';
import { describe, expect, it } from 'vitest';
import { createContainerStatusMap } from './container-status.ts';

const key = { tenant: 'dev', podId: 'docpod' };
const status: ContainerStatus = { incarnation: 1, run: 2, phase: 'Running', startTime: null, message: '', ready: true };
const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

describe('what was last seen of containers', () => {
  it('is kept by pod and writer, and goes with its entry', () => {
    const map = createContainerStatusMap();
    map.apply('dev.docpod.observed', encode(status));
    map.apply('dev.docpod.progress', encode({ ...status, phase: 'Waiting' }));
    expect(map.of(key)).toMatchObject({ observed: { phase: 'Running' }, progress: { phase: 'Waiting' } });
    map.apply('dev.docpod.observed', undefined);
    expect(map.of(key)).toEqual({ observed: undefined, progress: { ...status, phase: 'Waiting' } });
    map.apply('dev.docpod.progress', undefined);
    expect(map.of(key)).toEqual({});
  });

  it.each([
    ['a key of nobody', 'dev.docpod.somebody', encode(status)],
    ['a key with too many parts', 'dev.docpod.x.observed', encode(status)],
    ['a key with too few', 'dev.observed', encode(status)],
    ['no JSON', 'dev.docpod.observed', new TextEncoder().encode('{')],
    ['another shape', 'dev.docpod.observed', encode({ phase: 1 })],
  ])('leaves out %s', (_what, bucketKey, value) => {
    const map = createContainerStatusMap();
    map.apply(bucketKey, value);
    expect(map.of(key)).toEqual({});
  });
});
