import { describe, expect, test } from 'vitest';
import type { ArchivedLog } from './archive-store.ts';
import { planRetention, planRoom } from './retention.ts';
import { archiveName, parseArchiveName } from './run-ref.ts';

const nowMs = 1_800_000_000_000;
const policy = { runsKept: 2, ageMsMin: 60_000 };
const old = (name: string): ArchivedLog => ({ name, sizeBytes: 1, storedBytes: 1, storedAtMs: nowMs - 60_000 });
const incarnationOf = ({ podId }: { readonly podId: string }): number | undefined =>
  podId === 'docpod' ? 2 : undefined;

describe('which archived logs are removed', () => {
  test('of a live pod all but the newest runs, by number and not by text', () => {
    const archives = ['dev.docpod.2.9', 'dev.docpod.2.10', 'dev.docpod.2.8', 'dev.docpod.2.11'].map(old);
    expect(planRetention(archives, incarnationOf, nowMs, policy)).toEqual(['dev.docpod.2.9', 'dev.docpod.2.8']);
  });

  test('of deleted pods and earlier incarnations all', () => {
    const archives = ['dev.gone.1.1', 'dev.docpod.1.7', 'dev.docpod.2.8'].map(old);
    expect(planRetention(archives, incarnationOf, nowMs, policy)).toEqual(['dev.gone.1.1', 'dev.docpod.1.7']);
  });

  test('young ones stay, whatever the replica knows', () => {
    const young = { ...old('dev.gone.1.1'), storedAtMs: nowMs - 59_999 };
    expect(planRetention([young], incarnationOf, nowMs, policy)).toEqual([]);
  });

  test('of a pod whose history this version cannot judge all stay', () => {
    expect(planRetention([old('dev.newer.1.1')], () => 'unreadable', nowMs, policy)).toEqual([]);
  });

  test('objects of another form are left alone', () => {
    expect(
      planRetention(['notes', 'dev.gone.1', 'dev.gone.0.1', 'a.b.c.d.e'].map(old), incarnationOf, nowMs, policy),
    ).toEqual([]);
  });

  test('a name leads back to its run', () => {
    const key = { tenant: 'dev-2', podId: 'docpod' };
    expect(parseArchiveName(archiveName(key, { incarnation: 3, run: 12 }))).toEqual({ key, incarnation: 3, run: 12 });
  });
});

describe('which archived logs make room for a newer one', () => {
  const stored = (name: string, storedAtMs: number): ArchivedLog => ({
    name,
    sizeBytes: 99,
    storedBytes: 10,
    storedAtMs,
  });
  const archives = [
    stored('dev.quiet.1.1', 1),
    stored('dev.busy.1.3', 4),
    stored('dev.busy.1.1', 2),
    stored('dev.busy.1.2', 3),
    stored('notes', 0),
  ];

  test('the oldest ones, no more than needed; of each pod the newest last', () => {
    expect(planRoom(archives, 10)).toEqual(['dev.busy.1.1']);
    expect(planRoom(archives, 11)).toEqual(['dev.busy.1.1', 'dev.busy.1.2']);
    expect(planRoom(archives, 21)).toEqual(['dev.busy.1.1', 'dev.busy.1.2', 'dev.quiet.1.1']);
    expect(planRoom(archives, 40)).toEqual(['dev.busy.1.1', 'dev.busy.1.2', 'dev.quiet.1.1', 'dev.busy.1.3']);
  });

  test('none when all of them would not be enough', () => {
    expect(planRoom(archives, 41)).toEqual([]);
  });
});
