// What a handler of followed events answers.

export type Outcome =
  | { readonly kind: 'done' }
  /** Something that is needed is away: waiting is no failure, however long it takes. */
  | { readonly kind: 'retry'; readonly inMs: number; readonly why: string }
  /** This event can never be handled. */
  | { readonly kind: 'poison'; readonly code: string; readonly why: string };

export const done: Outcome = { kind: 'done' };

export function retryIn(inMs: number, why: string): Outcome {
  return { kind: 'retry', inMs, why };
}

export function poison(code: string, why = ''): Outcome {
  return { kind: 'poison', code, why };
}
