// The types refuse an app that decides events of another.
import type { PodEvent } from '@pods/contracts';
import { describe, expectTypeOf, it } from 'vitest';
import type { Aggregate, Decision } from './aggregate.ts';
import type { DecideAs, PodWriter, PodWriterOptions } from './pod-writer.ts';
import { createPodWriter } from './pod-writer.ts';
import type { EventLog } from './port.ts';

declare const log: EventLog;
declare const aggregate: Aggregate<number, string, PodEvent, 'no'>;

const stopped = (): Decision<
  { readonly type: 'PodStopped'; readonly incarnation: number; readonly run: number },
  'no'
> => ({
  kind: 'event',
  event: { type: 'PodStopped', incarnation: 1, run: 1 },
});

describe('the type of a pod writer', () => {
  it('takes a decider of the app’s own events', () => {
    const write = createPodWriter({ app: 'spawner', log, aggregate, decide: stopped });
    expectTypeOf(write).toExtend<PodWriter<number, never, 'no'>>();
  });

  it('refuses a decider of another app’s events', () => {
    expectTypeOf(stopped).toExtend<DecideAs<'spawner', number, string, 'no'>>();
    expectTypeOf(stopped).not.toExtend<DecideAs<'health', number, string, 'no'>>();
    expectTypeOf(stopped).not.toExtend<DecideAs<'api', number, string, 'no'>>();
    // @ts-expect-error PodStopped is spawner's to write
    createPodWriter({ app: 'health', log, aggregate, decide: stopped });
  });

  it('refuses a decider of any event, and an app that writes none', () => {
    expectTypeOf(aggregate.decide).not.toExtend<DecideAs<'api', number, string, 'no'>>();
    // @ts-expect-error auth-forward writes no events
    expectTypeOf<PodWriterOptions<'auth-forward', number, string, 'no'>>().toBeObject();
  });
});
