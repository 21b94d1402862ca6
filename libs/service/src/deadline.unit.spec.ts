import { expect, it } from 'vitest';
import { abortable, DeadlineError, withDeadline } from './deadline.ts';

const never = new Promise<never>(() => undefined);

it('gives what the work gives, and what it throws', async () => {
  expect(await withDeadline(60_000, undefined, async () => Promise.resolve(1))).toBe(1);
  await expect(withDeadline(60_000, undefined, async () => Promise.reject(new Error('own')))).rejects.toThrow('own');
});

it('stops waiting at the deadline even when the work does not listen', async () => {
  await expect(withDeadline(1, undefined, async () => never)).rejects.toThrow(DeadlineError);
});

it('tells the work about the deadline', async () => {
  const seen = Promise.withResolvers<unknown>();
  const work = withDeadline(1, undefined, async (signal) => {
    signal.addEventListener('abort', () => {
      seen.resolve(signal.reason);
    });
    return never;
  });
  await expect(work).rejects.toThrow('not done within 1 ms');
  expect(await seen.promise).toBeInstanceOf(DeadlineError);
});

it('ends with the reason of the caller, also when that came before', async () => {
  const stopping = new AbortController();
  const work = withDeadline(60_000, stopping.signal, async () => never);
  stopping.abort(new Error('stopping'));
  await expect(work).rejects.toThrow('stopping');
  await expect(abortable(never, stopping.signal)).rejects.toThrow('stopping');
});
