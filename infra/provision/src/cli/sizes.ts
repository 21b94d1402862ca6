// Limits of streams and buckets as they are typed and shown. No I/O.
import type { NatsSizes } from '../nats/definitions.ts';
import { productionSizes } from '../nats/definitions.ts';

/** How each limit is called on the command line. */
const fields = {
  'pod-events': 'podEvents',
  poison: 'poison',
  'pod-state': 'podState',
  'pod-container': 'podContainer',
  'pod-logs': 'podLogs',
} as const satisfies Readonly<Record<string, keyof NatsSizes>>;
type SizeName = keyof typeof fields;

export const sizeNames: readonly string[] = Object.keys(fields);

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** The production sizes, with those of `texts` (such as `pod-events=40GiB`) instead. @throws RangeError */
export function parseSizes(texts: readonly string[]): NatsSizes {
  const given: { -readonly [Field in keyof NatsSizes]?: number } = {};
  for (const text of texts) {
    const [name = '', size = '', ...rest] = text.split('=');
    if (!isSizeName(name) || rest.length > 0) {
      throw new RangeError(`"${text}" is not NAME=SIZE with one of these names: ${sizeNames.join(', ')}`);
    }
    given[fields[name]] = parseBytes(size);
  }
  return { ...productionSizes, ...given };
}

/** Bytes with the largest unit that gives a whole number. */
export function formatBytes(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (unit < units.length - 1 && value > 0 && value % 1024 === 0) {
    value /= 1024;
    unit += 1;
  }
  return `${value}${units[unit] ?? ''}`;
}

/** All limits in the form that {@link parseSizes} reads. */
export function formatSizes(sizes: NatsSizes): string {
  return Object.entries(fields)
    .map(([name, field]) => `${name}=${formatBytes(sizes[field])}`)
    .join(' ');
}

function isSizeName(text: string): text is SizeName {
  return Object.hasOwn(fields, text);
}

function parseBytes(text: string): number {
  const parts = /^(?<count>\d{1,16})(?<unit>[KMGT]iB|B)?$/.exec(text)?.groups;
  const exponent = units.findIndex((unit) => unit === (parts?.['unit'] ?? 'B'));
  const bytes = Number(parts?.['count'] ?? Number.NaN) * 1024 ** exponent;
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new RangeError(`"${text}" is no size: a whole number above 0, alone or with KiB, MiB, GiB or TiB`);
}
