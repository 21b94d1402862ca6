// Schemas that take what older clients send: numbers and booleans as text (pods-api.md 4.2, clients.md section 1).
import { z } from '@hono/zod-openapi';

const integerText = /^\s*[+-]?\d{1,16}\s*$/;

function toInteger(value: unknown): unknown {
  return typeof value === 'string' && integerText.test(value) ? Number(value) : value;
}

const booleanTexts: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  ['true', true],
  ['1', true],
  [1, true],
  ['false', false],
  ['0', false],
  [0, false],
]);

function toBoolean(value: unknown): unknown {
  return booleanTexts.get(typeof value === 'string' ? value.trim().toLowerCase() : value) ?? value;
}

/** A whole number, or text that is one. */
export function laxInteger() {
  // Beyond the integers that numbers can hold nothing else is checked: one mistake, one line.
  return z.preprocess(toInteger, z.int({ abort: true })).openapi({ type: 'integer' });
}

/** The same with a default. The published document would not find it by itself behind the conversion. */
export function laxIntegerOr(byDefault: number) {
  return laxInteger().default(byDefault).openapi({ type: 'integer', default: byDefault });
}

/** A boolean, `true`, `True`, `1` and the like. */
export function laxBoolean() {
  return z.preprocess(toBoolean, z.boolean()).openapi({ type: 'boolean' });
}

/** The same, false when it is left out. */
export function laxFlag() {
  return laxBoolean().default(false).openapi({ type: 'boolean', default: false });
}
