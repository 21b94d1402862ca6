import type { LivePod, Run } from '@pods/domain-pods';
import { eventsOfStart, foldLive, podCreated } from '@pods/domain-pods/testing';
import { describe, expect, it } from 'vitest';
import type { LogBytes, RunKey } from './container-logs.ts';
import { createContainerLogs } from './container-logs.ts';
import { newestLines } from './newest-lines.ts';

const bytes = (text: string): LogBytes => ({ kind: 'bytes', bytes: new TextEncoder().encode(text) });

const pod = foldLive([podCreated(), ...eventsOfStart()]);
if (pod.run === null) throw new Error('the pod of this spec has a run');
const run: Run = { ...pod.run, number: 3 };

const ended = {
  kind: 'errored',
  exitCode: 1,
  finishedAt: null,
  reason: 'Error',
  message: '',
  neverRan: false,
} as const;

const nothingKept = (notKept: string | null) => ({ object: null, sizeBytes: 0, notKept });

/** What of a pod the logs depend on. */
function podWith(change: Partial<Run> | null): LivePod {
  return { ...pod, incarnation: 2, run: change === null ? null : { ...run, ...change } };
}

describe('the container logs of a pod', () => {
  const archive = { object: 'logs-3', sizeBytes: 5, notKept: null };
  it.each([
    ['that never ran', null, bytes('live'), bytes('old'), ''],
    ['that runs, from health', {}, bytes('live'), bytes('old'), 'live'],
    ['that runs, when health does not answer', {}, { kind: 'unavailable' }, bytes('old'), undefined],
    ['that runs, when health does not follow it', {}, { kind: 'none' }, bytes('old'), undefined],
    ['that nobody has seen running yet', { startedAt: null }, { kind: 'none' }, bytes('old'), ''],
    ['that nobody has seen running, with health away', { startedAt: null }, { kind: 'unavailable' }, bytes('old'), ''],
    [
      'that ended at once, with health away',
      { startedAt: null, end: ended },
      { kind: 'unavailable' },
      bytes(''),
      undefined,
    ],
    [
      'whose container never came to run',
      { startedAt: null, end: { ...ended, neverRan: true } },
      { kind: 'none' },
      bytes(''),
      '',
    ],
    ['that was stopped, from the archive', { logs: archive, stopped: true }, bytes('live'), bytes('old'), 'old'],
    [
      'that is being stopped, from the archive',
      { logs: archive, teardownStarted: true },
      { kind: 'none' },
      bytes('old'),
      'old',
    ],
    [
      'whose archive cannot be read now',
      { logs: archive, stopped: true },
      bytes('live'),
      { kind: 'unavailable' },
      undefined,
    ],
    ['whose archive is gone', { logs: archive, stopped: true }, bytes('live'), { kind: 'none' }, ''],
    ['that wrote nothing', { logs: nothingKept(null), stopped: true }, bytes('live'), bytes('old'), ''],
    ['whose output was not kept', { logs: nothingKept('no room') }, bytes('live'), bytes('old'), '[pods: no room]\n'],
    ['that was stopped without an archive', { stopped: true }, bytes('live'), bytes('old'), ''],
  ] satisfies [string, Partial<Run> | null, LogBytes, LogBytes, string | undefined][])('%s', async (...row) => {
    const [, change, running, archived, text] = row;
    const logs = createContainerLogs({
      running: async () => running,
      archived: async () => archived,
      whenArchived: async () => undefined,
    });
    expect(await logs.of(podWith(change))).toBe(text);
  });

  it.each([
    ['ended', { end: ended }],
    ['is being stopped', { teardownStarted: true }],
  ])('are waited for when the run %s and health has let go of it', async (_, change) => {
    const logs = createContainerLogs({
      running: async () => ({ kind: 'none' }),
      archived: async (object) => bytes(`archived as ${object}`),
      whenArchived: async () => podWith({ ...change, logs: archive }),
    });
    expect(await logs.of(podWith(change))).toBe('archived as logs-3');
  });

  it('are asked of health by incarnation and run', async () => {
    const asked: RunKey[] = [];
    const logs = createContainerLogs({
      running: async (key) => {
        asked.push(key);
        return bytes('');
      },
      archived: async () => bytes(''),
      whenArchived: async () => undefined,
    });
    await logs.of(podWith({}));
    expect(asked).toEqual([{ tenant: 'dev', podId: 'docpod', incarnation: 2, run: 3 }]);
  });
});

describe('the newest lines', () => {
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  it.each([
    ['all when they fit', 'one\ntwo\n', 8, 'one\ntwo\n'],
    ['whole ones only', 'one\ntwo\nthree\n', 11, 'two\nthree\n'],
    ['a line that begins exactly at the cut', 'one\ntwo\n', 4, 'two\n'],
    ['the end of a line that is too long by itself', 'abcdefgh', 3, 'fgh'],
    ['nothing of nothing', '', 3, ''],
  ])('are %s', (_what, text, bytesMax, expected) => {
    expect(newestLines(encode(text), bytesMax)).toBe(expected);
  });

  it('hold no NUL characters and survive bytes that are no text', () => {
    expect(newestLines(Uint8Array.from([97, 0, 98, 255, 10]), 100)).toBe('ab\uFFFD\n');
  });
});
