// Runs steps that need each other, as many at once as that allows. Prints nothing.

/** What a step is given: how to say where it is, and when to give up. */
export type StepContext = { readonly signal: AbortSignal; readonly report: (text: string) => void };

/** One step of a start. */
export type Step = {
  readonly id: string;
  readonly title: string;
  /** Steps that have to be done before. */
  readonly after: readonly string[];
  /** Does it; returns a few words about the result. Safe to repeat. */
  readonly run: (context: StepContext) => Promise<string>;
};

/** What happens to a step. */
export type StepEvent =
  | { readonly kind: 'begun'; readonly step: Step }
  | { readonly kind: 'progress'; readonly step: Step; readonly text: string }
  | { readonly kind: 'done'; readonly step: Step; readonly text: string; readonly tookMs: number }
  | { readonly kind: 'failed'; readonly step: Step }
  /** Given up, because another step failed or somebody wants an end. */
  | { readonly kind: 'dropped'; readonly step: Step };

/** A step that could not be done. */
export class StepError extends Error {
  readonly step: Step;

  constructor(step: Step, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'StepError';
    this.step = step;
  }
}

type Run = { readonly notify: (event: StepEvent) => void; readonly controller: AbortController };

const runStep = async (step: Step, { notify, controller }: Run): Promise<void> => {
  const { signal } = controller;
  signal.throwIfAborted();
  const startedMs = performance.now();
  notify({ kind: 'begun', step });
  const report = (text: string): void => {
    notify({ kind: 'progress', step, text });
  };
  try {
    const text = await step.run({ signal, report });
    notify({ kind: 'done', step, text, tookMs: performance.now() - startedMs });
  } catch (error) {
    // What another step's failure, or a signal from outside, has cut short is no failure of its own.
    if (signal.aborted) {
      notify({ kind: 'dropped', step });
      throw signal.reason;
    }
    notify({ kind: 'failed', step });
    const failure = new StepError(step, error);
    controller.abort(failure);
    throw failure;
  }
};

/** @throws Error for steps that wait for something that never comes: a mistake in the list. */
const checkOrder = (steps: readonly Step[]): void => {
  const before = new Set<string>();
  for (const { id, after } of steps) {
    const missing = after.find((one) => !before.has(one));
    if (missing !== undefined) throw new Error(`step ${id} waits for ${missing}, which does not come before it`);
    before.add(id);
  }
};

/**
 * Runs each step as soon as those are done that it needs. The first failure makes the others give up.
 * @throws StepError of the step that failed, or the signal's reason.
 */
export const runSteps = async (
  steps: readonly Step[],
  signal: AbortSignal,
  notify: (event: StepEvent) => void,
): Promise<void> => {
  checkOrder(steps);
  const controller = new AbortController();
  const abort = (): void => {
    controller.abort(signal.reason);
  };
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  const running = new Map<string, Promise<void>>();
  for (const step of steps) {
    const needed = step.after.map((id) => running.get(id) ?? Promise.resolve());
    const one = Promise.all(needed).then(async () => {
      await runStep(step, { notify, controller });
    });
    // Whoever waits for it sees the failure; without this it would count as unhandled before that.
    one.catch(() => undefined);
    running.set(step.id, one);
  }
  try {
    // All of them come to rest before this ends: nothing goes on behind the caller's back.
    const outcomes = await Promise.allSettled(running.values());
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw controller.signal.aborted ? controller.signal.reason : failed.reason;
  } finally {
    signal.removeEventListener('abort', abort);
  }
};
