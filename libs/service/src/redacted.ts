// Wraps a secret so that printing it by accident shows nothing. It does not encrypt and does not clear memory.
import { inspect } from 'node:util';

const shown = '[redacted]';

/** A secret value: it shows as `[redacted]` in JSON, `util.inspect`, logs and string templates; only `reveal()` gives it. */
export class Redacted<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The secret itself: call it where the value is used, not earlier. */
  reveal(): T {
    return this.#value;
  }

  toJSON(): string {
    return shown;
  }

  toString(): string {
    return shown;
  }

  [Symbol.toPrimitive](): string {
    return shown;
  }

  [inspect.custom](): string {
    return shown;
  }
}
