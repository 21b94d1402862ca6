// Archiving with the ports' twins: what is read, stored and recorded, and in which order of preference.
import type { HealthCommand } from '@pods/domain-pods';
import type { LogFollower, LogFollowerHooks } from '@pods/kube';
import { createLogger } from '@pods/service';
import { manualClock } from '@pods/service/testing';
import { describe, expect, test } from 'vitest';
import type { ArchivedLog } from './archive-store.ts';
import { ArchiveStoreFullError } from './archive-store.ts';
import { createLogKeeper } from './keeper.ts';
import type { LogPlan } from './plan.ts';
import type { LogTarget } from './run-ref.ts';
import { createLogTender } from './tender.ts';

const key = { tenant: 'dev', podId: 'docpod' };
const name = 'dev.docpod';
const of = { incarnation: 1, run: 1 };
const target: LogTarget = { ...of, podUid: 'uid-1', podName: 'pods-local-dev-docpod', container: 'main' };
const text = (line: string): Uint8Array => new TextEncoder().encode(line);
const never = new AbortController().signal;

interface Container {
  readonly hooks: LogFollowerHooks;
  readonly write: (line: string) => void;
  /** What the kubelet has and the follower has not read yet. */
  late: string[];
  failure: Error | undefined;
  stopped: boolean;
}

function archivedLog(object: string, sizeBytes: number, storedAtMs: number): ArchivedLog {
  return { name: object, sizeBytes, storedBytes: sizeBytes, storedAtMs };
}

function world() {
  const containers: Container[] = [];
  const stored = new Map<string, { readonly archived: ArchivedLog; readonly text: string }>();
  const commands: HealthCommand[] = [];
  const clock = manualClock();
  const broken: { store: Error | undefined } = { store: undefined };
  const startFollowing = (_source: unknown, hooks: LogFollowerHooks): LogFollower => {
    const write = (line: string): void => {
      hooks.onLine({ at: '', text: text(line) });
    };
    const container: Container = { hooks, write, late: [], failure: undefined, stopped: false };
    containers.push(container);
    return {
      caughtUp: Promise.resolve(),
      finish: async () => {
        if (container.failure !== undefined) throw container.failure;
        for (const line of container.late.splice(0)) write(line);
        return 'complete';
      },
      stop: async () => {
        container.stopped = true;
      },
    };
  };
  const keeper = createLogKeeper({
    ringBytesMax: 1_000_000,
    memoryBytesMax: 10_000_000,
    startFollowing,
    onTrouble: () => undefined,
    onCut: () => undefined,
  });
  const tender = createLogTender({
    keeper,
    archive: {
      keeper,
      store: {
        find: async (object) => stored.get(object)?.archived,
        store: async (object, pieces) => {
          const content = Buffer.concat(pieces).toString();
          if (broken.store !== undefined) throw broken.store;
          const archived = archivedLog(object, content.length, clock.now());
          stored.set(object, { archived, text: content });
          return archived;
        },
        list: async () => [...stored.values()].map(({ archived }) => archived),
        remove: async (object) => {
          stored.delete(object);
        },
      },
      onEvicted: () => undefined,
      hurryMs: 1000,
      patienceMs: 1000,
    },
    record: async (_key, command) => {
      commands.push(command);
    },
    clock,
    othersMs: 15_000,
    storeMs: 120_000,
    onNotKept: () => undefined,
    log: createLogger({ app: 'health', level: 'silent' }),
  });
  const archive = (changes: Partial<Extract<LogPlan, { kind: 'archive' }>> = {}) =>
    tender.tend(key, { kind: 'archive', of, target, mayHaveOutput: true, hurry: false, ...changes }, never);
  return { broken, containers, stored, commands, clock, keeper, tender, archive };
}

const recorded = (object: string | null, sizeBytes: number): HealthCommand => ({
  type: 'RecordLogsArchived',
  ...of,
  object,
  sizeBytes,
});

describe('following', () => {
  test('the same container is followed once, another Pod object anew', async () => {
    const it = world();
    await it.tender.tend(key, { kind: 'follow', target }, never);
    await it.tender.tend(key, { kind: 'follow', target }, never);
    expect(it.containers).toHaveLength(1);
    await it.tender.tend(key, { kind: 'follow', target: { ...target, run: 2, podUid: 'uid-2' } }, never);
    expect(it.containers.map(({ stopped }) => stopped)).toEqual([true, false]);
    expect(it.keeper.size().containers).toBe(1);
  });

  test('what is held of a run stays while its Pod is away, and goes with the next run', async () => {
    const it = world();
    await it.tender.tend(key, { kind: 'follow', target }, never);
    it.containers[0]?.write('hello');
    await it.tender.tend(key, { kind: 'hold', of }, never);
    expect(it.keeper.held(name, of)?.sizeBytes).toBe(6);
    await it.tender.tend(key, { kind: 'hold', of: { incarnation: 1, run: 2 } }, never);
    expect(it.keeper.size().containers).toBe(0);
  });
});

const lost = 'the output of this run could not be kept';

describe('archiving', () => {
  test('includes the latest lines', async () => {
    const it = world();
    await it.tender.tend(key, { kind: 'follow', target }, never);
    it.containers[0]?.write('early');
    it.containers[0]?.late.push('late');
    expect(await it.archive({ hurry: true })).toBeUndefined();
    expect(it.stored.get('dev.docpod.1.1')?.text).toBe('early\nlate\n');
    expect(it.commands).toEqual([recorded('dev.docpod.1.1', 11)]);
  });

  test('reads from the beginning what was not followed here', async () => {
    const it = world();
    const archiving = it.archive();
    it.containers[0]?.write('whole');
    await archiving;
    expect(it.containers).toHaveLength(1);
    expect(it.commands).toHaveLength(1);
  });

  test('a run that wrote nothing, or never ran, has no object', async () => {
    const it = world();
    await it.archive();
    await it.archive({ mayHaveOutput: false, target: null });
    expect(it.commands).toEqual([recorded(null, 0), recorded(null, 0)]);
    expect(it.stored.size).toBe(0);
  });

  test('an archive that another process made is recorded as it is', async () => {
    const it = world();
    const archived = archivedLog('dev.docpod.1.1', 77, 0);
    it.stored.set('dev.docpod.1.1', { archived, text: 'theirs' });
    await it.archive();
    expect(it.containers).toHaveLength(0);
    expect(it.commands).toEqual([recorded('dev.docpod.1.1', 77)]);
  });

  test('in a hurry what is held must do; otherwise the end is read again later', async () => {
    const it = world();
    await it.tender.tend(key, { kind: 'follow', target }, never);
    it.containers[0]?.write('early');
    Object.assign(it.containers[0] ?? {}, { failure: new Error('no kubelet') });
    await expect(it.archive()).rejects.toThrow('no kubelet');
    expect(it.commands).toEqual([]);
    await it.archive({ hurry: true });
    expect(it.stored.get('dev.docpod.1.1')?.text).toBe('early\n');
  });

  test('output that is nowhere is left to other processes for a while, then given up', async () => {
    const it = world();
    const gone = { target: null, hurry: true };
    expect(await it.archive(gone)).toBe(15_000);
    it.clock.advance(14_999);
    expect(await it.archive(gone)).toBe(1);
    expect(it.commands).toEqual([]);
    it.clock.advance(1);
    expect(await it.archive(gone)).toBeUndefined();
    expect(it.commands).toEqual([recorded(null, 0)]);
  });

  test('a full store that has no room to make is told in the history, and nothing is held any longer', async () => {
    const it = world();
    await it.tender.tend(key, { kind: 'follow', target }, never);
    it.containers[0]?.write('hello');
    it.broken.store = new ArchiveStoreFullError(6, 5, {});
    expect(await it.archive({ hurry: true })).toBeUndefined();
    expect(it.commands).toEqual([{ ...recorded(null, 0), notKept: `${lost}, because the store of logs is full` }]);
    await it.tender.tend(key, { kind: 'drop' }, never);
    expect(it.keeper.size().memoryBytes).toBe(0);
  });

  test('a store that does not work is tried for two minutes, and whatever it takes meanwhile is kept', async () => {
    const it = world();
    await it.tender.tend(key, { kind: 'follow', target }, never);
    it.containers[0]?.write('hello');
    it.broken.store = new Error('no leader');
    await expect(it.archive({ hurry: true })).rejects.toThrow('no leader');
    it.clock.advance(119_999);
    await expect(it.archive({ hurry: true })).rejects.toThrow('no leader');
    expect(it.commands).toEqual([]);
    it.clock.advance(1);
    expect(await it.archive({ hurry: true })).toBeUndefined();
    expect(it.commands).toEqual([{ ...recorded(null, 0), notKept: `${lost}, because the store of logs did not work` }]);
    it.broken.store = undefined;
    await it.archive({ hurry: true });
    expect(it.commands.at(-1)).toEqual(recorded('dev.docpod.1.1', 6));
  });
});
