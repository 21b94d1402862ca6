// What an identifier may look like, wherever it enters: in a URL, a subject, a label. No I/O.
import { z } from 'zod';

/** A token of a NATS subject: anything else would be an injection into the subject space (nats.md 1.2). */
export const subjectTokenPattern = /^[A-Za-z0-9_-]{1,64}$/;

/** Pod id: lower-case letters and digits, a letter first, 3 to 64 long (pods-api.md 4.2). */
export const podIdPattern = /^[a-z][a-z0-9]{2,63}$/;

/** Key of a networking entry (pods-api.md 4.2). */
export const networkingKeyPattern = /^[a-z0-9]{3,64}$/;

/**
 * Name of an environment variable that every Kubernetes takes, also as a key of a Secret: letters, digits, `_`, `.`
 * and `-`, no digit first, and not `.` or anything that begins with `..`.
 */
export const environmentNamePattern = /^(?!\.$|\.\.)[A-Za-z_.-][A-Za-z0-9_.-]*$/;

/** Ids that name route families and therefore no pod (pods-api.md 4.2). */
export const reservedPodIds: readonly string[] = [
  'admin',
  'catalog',
  'catalogs',
  'clusters',
  'graphql',
  'image',
  'images',
  'jupyter',
  'metrics',
  'nodes',
  'routes',
  'secrets',
  'snapshot',
  'snapshots',
  'stacks',
  'template',
  'templates',
  'volume',
  'volumes',
];

/** Which pod: ids are unique within a tenant. */
export interface PodKey {
  readonly tenant: string;
  readonly podId: string;
}

export const subjectTokenSchema = z.string().regex(subjectTokenPattern);

/** One string for a key, for maps and queues; reversible because tenants hold no dot. */
export function podKeyToString(key: PodKey): string {
  return `${key.tenant}.${key.podId}`;
}

/** The inverse of {@link podKeyToString}; undefined for anything that is not two subject tokens. */
export function podKeyFromString(text: string): PodKey | undefined {
  const [tenant, podId, ...rest] = text.split('.');
  if (tenant === undefined || podId === undefined || rest.length > 0) return undefined;
  if (!subjectTokenPattern.test(tenant) || !subjectTokenPattern.test(podId)) return undefined;
  return { tenant, podId };
}
