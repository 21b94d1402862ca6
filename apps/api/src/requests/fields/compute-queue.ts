// `compute_queue`: which of the installation's queues a pod runs in. It may stand at the top or, as some documentation
// has it, inside `resources` (decisions.md, pods C2).
import type { Problem } from '../problem.ts';
import { kindOf, valueError } from '../problem.ts';

export const defaultComputeQueue = 'default';

export interface QueueFields {
  readonly compute_queue?: string | undefined;
  readonly resources?: { readonly compute_queue?: string | undefined } | undefined;
}

/** The queue that was asked for, from either place; undefined when neither says one. */
export function sentComputeQueue(body: QueueFields): string | undefined {
  return body.compute_queue ?? body.resources?.compute_queue;
}

/** Rules for the queue that was asked for. */
export function computeQueueProblems(body: QueueFields, queues: readonly string[]): readonly Problem[] {
  const inside = body.resources?.compute_queue;
  if (body.compute_queue !== undefined && inside !== undefined && inside !== body.compute_queue) {
    return [valueError(['compute_queue'], 'is given twice with different values, here and inside resources')];
  }
  const queue = sentComputeQueue(body);
  if (queue === undefined || queues.includes(queue)) return [];
  return [valueError(['compute_queue'], `must be one of: ${queues.join(', ')} (got ${kindOf(queue)})`)];
}
