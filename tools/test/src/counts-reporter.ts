// A vitest reporter that counts what really ran and sends the counts to the process that started vitest.
import type { Reporter, SerializedError, TestModule } from 'vitest/node';
import { type Counts, add, nothing, ofCheck } from './counts.ts';

/**
 * Counts specs by their result. A file that cannot be loaded, a hook of a file or group that fails, and an error outside
 * of any spec count as one failure each, which vitest's own totals leave out. A spec that never ended is a failure.
 */
export function count(modules: readonly TestModule[], errors: readonly SerializedError[]): Counts {
  let counts: Counts = { ...nothing, failed: errors.length };
  for (const module of modules) {
    if (module.errors().length > 0) counts = add(counts, ofCheck(false));
    for (const suite of module.children.allSuites()) {
      if (suite.errors().length > 0) counts = add(counts, ofCheck(false));
    }
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      counts = add(counts, state === 'skipped' ? { ...nothing, skipped: 1 } : ofCheck(state === 'passed'));
    }
  }
  return counts;
}

// oxlint-disable-next-line import/no-default-export -- vitest loads a reporter by its default export
export default class CountsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    // An open channel would keep vitest from ending.
    process.send?.(count(modules, errors), undefined, undefined, () => process.disconnect?.());
  }
}
