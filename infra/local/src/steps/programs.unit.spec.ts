// Guarantees about what is said while programs are built.
import { expect, it } from 'vitest';
import { describeProgress } from './programs.ts';

it('says how long a build has taken, how long it may take, and what comes after it', () => {
  const text = describeProgress({ state: 'building', program: 'kube', elapsedMs: 61_000, estimateMs: 312_000 }, [
    'dns',
    'traefik',
  ]);
  expect(text).toMatch(/^building kube, 1 min 1 s of about 5 min 12 s; then dns, traefik: about .+ more$/);
});

it('says nothing more of the last one', () => {
  expect(describeProgress({ state: 'building', program: 'dns', elapsedMs: 0, estimateMs: 62_000 }, [])).toBe(
    'building dns, 0.0 s of about 1 min 2 s',
  );
});

it('says why it waits, and why a program was passed over', () => {
  expect(describeProgress({ state: 'waiting', program: 'kube' }, [])).toContain('another process');
  expect(describeProgress({ state: 'ignored', program: 'kube', reason: '/x is old' }, [])).toBe('not used: /x is old');
});
