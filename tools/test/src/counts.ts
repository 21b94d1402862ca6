// What a run adds up to: counts, how they are sent between processes, and the line that `npm test` ends with. Pure.

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const nothing: Counts = { passed: 0, failed: 0, skipped: 0 };

export function add(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** A check that either holds or does not counts as one. */
export function ofCheck(ok: boolean): Counts {
  return ok ? { ...nothing, passed: 1 } : { ...nothing, failed: 1 };
}

/**
 * The counts of a run of specs: what its reporter sent, or one failure when it ended before reporting. An exit code that
 * the counts do not explain (a failed clean-up, a crash after the last spec) is one more failure.
 */
export function ofRun(reported: Counts | undefined, exitCode: number): Counts {
  if (reported === undefined) return { ...nothing, failed: 1 };
  return exitCode !== 0 && reported.failed === 0 ? { ...reported, failed: 1 } : reported;
}

/** `N passed, N failed`, and the skipped ones when there are any. */
export function render({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** Whether a message from another process is counts. */
export function isCounts(message: unknown): message is Counts {
  if (typeof message !== 'object' || message === null) return false;
  return (
    'passed' in message &&
    Number.isInteger(message.passed) &&
    'failed' in message &&
    Number.isInteger(message.failed) &&
    'skipped' in message &&
    Number.isInteger(message.skipped)
  );
}
