// `networking`: the form of one entry with its own rules, and the rules for the whole map (pods-api.md 4.3).
import { z } from '@hono/zod-openapi';
import type { NetworkingEntry } from '@pods/contracts';
import { networkingKeyPattern, podIdPattern, protocols } from '@pods/contracts';
import { laxFlag, laxIntegerOr } from '../lax.ts';
import type { Problem } from '../problem.ts';
import { valueError } from '../problem.ts';
import { entryRules } from './networking-rules.ts';

/** decisions.md, pods 4.3. */
const entriesMax = 4;
/** Characters of one DNS label. */
const labelLengthMax = 63;
/** Characters of a generated host name. */
const urlLengthMax = 128;

const lowerCase = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase() : value);
const texts = () => z.array(z.string());

/** One entry of the body with every documented key filled in. */
export const networkingEntryRequest = z
  .strictObject({
    protocol: z
      .preprocess(lowerCase, z.enum(protocols))
      .default('http')
      .openapi({
        type: 'string',
        enum: [...protocols],
        default: 'http',
        description: 'What the pod speaks at the port.',
      }),
    port: laxIntegerOr(5000).openapi({ description: 'Port inside the pod, 10 to 65535.' }),
    url: z.string().default('').openapi({ description: 'Made by the service; what is sent is ignored.' }),
    ip_allow_list: texts().default([]).openapi({ description: 'IPv4 addresses or networks; empty for all.' }),
    tapis_auth: laxFlag().openapi({ description: 'Ask visitors to log in; http only.' }),
    tapis_auth_response_headers: z
      .record(z.string(), z.string())
      .default({})
      .openapi({ description: 'Headers that the pod is given about the visitor.' }),
    tapis_auth_allowed_users: texts().default(['*']).openapi({ description: 'Who may pass; `*` for everyone.' }),
    tapis_auth_return_path: z.string().default('/').openapi({ description: 'Where to go after the log-in.' }),
    cors_allow_origins: texts().default([]).openapi({ description: 'Origins of other sites; http only.' }),
    cors_allow_methods: texts().default([]),
    cors_allow_headers: texts().default([]),
    cors_allow_credentials: laxFlag(),
    cors_max_age: laxIntegerOr(100).openapi({ description: 'Seconds, 0 to 100.' }),
    cors_add_vary_header: laxFlag().openapi({ description: 'Has no effect.' }),
    tapis_ui_uri: z.string().default(''),
    tapis_ui_uri_redirect: laxFlag(),
    tapis_ui_uri_description: z.string().default(''),
  })
  .superRefine((entry, context) => {
    for (const { path, rule } of entryRules(entry)) {
      context.addIssue({ code: 'custom', path: [...path], message: `Value error, ${rule}` });
    }
  })
  // Accepted, returned as false (decisions.md, pods C5).
  .transform((entry) => ({ ...entry, cors_add_vary_header: false }));

export type NetworkingRequest = Readonly<Record<string, NetworkingEntry>>;

/** What a pod gets that says nothing about networking. */
export const defaultNetworking = { default: { protocol: 'http' as const, port: 5000 } };

/** Where a pod is reached: its id and its tenant's host name, without port. */
export interface PodPlace {
  readonly podId: string;
  readonly tenantHostName: string;
}

/** Rules that concern the whole map. */
export function networkingProblems(networking: NetworkingRequest, place: PodPlace): readonly Problem[] {
  const entries = Object.entries(networking);
  const tooMany =
    entries.length > entriesMax
      ? [valueError(['networking'], `may have at most ${entriesMax} entries (got ${entries.length})`)]
      : [];
  return [...tooMany, ...entries.flatMap(([key]) => keyProblems(key)), ...hostNameProblems(networking, place)];
}

function keyProblems(key: string): readonly Problem[] {
  if (networkingKeyPattern.test(key)) return [];
  return [valueError(['networking', key], 'a key must be 3 to 64 lower-case letters and digits')];
}

function hostNameProblems(networking: NetworkingRequest, place: PodPlace): readonly Problem[] {
  const { length } = place.podId;
  const reached = Object.entries(networking).filter(([, entry]) => entry.protocol !== 'local_only');
  // Ids and keys that are none are mistakes of their own.
  if (!podIdPattern.test(place.podId) || reached.length === 0) return [];
  if (length <= labelLengthMax) return reached.flatMap(([key]) => hostNameProblemsOf(key, place));
  const rule = `pod_id has ${length} characters and begins the host names of entries, where DNS allows ${labelLengthMax}`;
  return [valueError(['networking'], `${rule}; use a shorter pod_id, or protocol local_only`)];
}

function hostNameProblemsOf(key: string, place: PodPlace): readonly Problem[] {
  if (!networkingKeyPattern.test(key)) return [];
  const at = ['networking', key];
  const label = labelOf(place.podId, key);
  if (label.length > labelLengthMax) {
    const rule = `the host name would begin with a label of ${label.length} characters, DNS allows ${labelLengthMax}`;
    return [valueError(at, `${rule}; pod_id and key together may have at most ${labelLengthMax - 1}`)];
  }
  const { length } = urlOf(place, key);
  if (length <= urlLengthMax) return [];
  return [valueError(at, `the host name would have ${length} characters, ${urlLengthMax} are allowed`)];
}

/** The entries with their generated host names. */
export function withUrls(networking: NetworkingRequest, place: PodPlace): Record<string, NetworkingEntry> {
  const entries = Object.entries(networking);
  return Object.fromEntries(entries.map(([key, entry]) => [key, { ...entry, url: urlOf(place, key) }]));
}

function labelOf(podId: string, key: string): string {
  return key === 'default' ? podId : `${podId}-${key}`;
}

function urlOf(place: PodPlace, key: string): string {
  return `${labelOf(place.podId, key)}.pods.${place.tenantHostName}`;
}
