// Guarantees about running steps that need each other.
import { describe, expect, it } from 'vitest';
import { runSteps, StepError, type Step, type StepEvent } from './step.ts';

const step = (
  id: string,
  after: readonly string[],
  run: Step['run'] = async () => await Promise.resolve(`${id} done`),
): Step => ({
  id,
  title: id,
  after,
  run,
});

const record = () => {
  const events: string[] = [];
  return { events, notify: (event: StepEvent) => void events.push(`${event.kind} ${event.step.id}`) };
};

const NEVER = new AbortController().signal;

/** Rejects when the signal comes, as everything that is given a signal does. */
const untilAborted: Step['run'] = async ({ signal }) => {
  const { promise, reject } = Promise.withResolvers<string>();
  const giveUp = (): void => {
    reject(new Error('cut short'));
  };
  signal.addEventListener('abort', giveUp);
  if (signal.aborted) giveUp();
  return await promise;
};

describe('runSteps', () => {
  it('begins a step when, and only when, those are done that it needs', async () => {
    const { events, notify } = record();
    const gate = Promise.withResolvers<string>();
    const steps = [
      step('a', [], async () => await gate.promise),
      step('b', ['a']),
      step('c', []),
      step('d', ['b', 'c']),
    ];
    const running = runSteps(steps, NEVER, (event) => {
      notify(event);
      if (event.kind === 'done' && event.step.id === 'c') gate.resolve('late');
    });
    await running;
    expect(events.indexOf('done c')).toBeLessThan(events.indexOf('done a'));
    expect(events.indexOf('begun b')).toBeGreaterThan(events.indexOf('done a'));
    expect(events.indexOf('begun d')).toBeGreaterThan(events.indexOf('done b'));
    expect(events.filter((event) => event.startsWith('done'))).toHaveLength(4);
  });

  it('lets the others give up when one fails, begins nothing after that, and names the one that failed', async () => {
    const { events, notify } = record();
    const fail = async (): Promise<string> => await Promise.reject(new Error('no room'));
    const steps = [step('a', [], untilAborted), step('b', [], fail), step('c', ['b']), step('d', ['a'])];
    const error: unknown = await runSteps(steps, NEVER, notify).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(StepError);
    expect(error).toMatchObject({ message: 'no room', step: { id: 'b' } });
    expect(events.toSorted()).toEqual(['begun a', 'begun b', 'dropped a', 'failed b']);
  });

  it('ends with the reason of a signal from outside, after every step has come to rest', async () => {
    const { events, notify } = record();
    const outside = new AbortController();
    const steps = [step('a', [], untilAborted), step('b', ['a'])];
    const running = runSteps(steps, outside.signal, (event) => {
      notify(event);
      if (event.kind === 'begun') outside.abort(new Error('Ctrl-C'));
    });
    await expect(running).rejects.toThrow('Ctrl-C');
    expect(events).toEqual(['begun a', 'dropped a']);
  });

  it('begins nothing when the signal came before', async () => {
    const { events, notify } = record();
    await expect(runSteps([step('a', [])], AbortSignal.abort(new Error('early')), notify)).rejects.toThrow('early');
    expect(events).toEqual([]);
  });

  it('refuses a list in which a step waits for a later or unknown one', async () => {
    await expect(runSteps([step('a', ['b']), step('b', [])], NEVER, () => undefined)).rejects.toThrow(
      'step a waits for b',
    );
  });
});
