// What a question between apps gets back: a value or a refusal. Transport trouble is thrown instead, see errors.ts.

/** An expected "no", with a stable code and a text that may be shown to the person who asked. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  /** Asking again later can succeed. */
  readonly retryable: boolean;
}

export interface Refused {
  readonly ok: false;
  readonly refusal: Refusal;
}

export type Answer<Value> = { readonly ok: true; readonly value: Value } | Refused;

/** An answer that carries a value. */
export function answered<Value>(value: Value): Answer<Value> {
  return { ok: true, value };
}

/** A refusal; not retryable unless said. */
export function refused(code: string, message: string, retryable = false): Refused {
  return { ok: false, refusal: { code, message, retryable } };
}
