// A complete definition and events with sensible content, to be overridden where a spec cares.
import type { NetworkingEntry, PodDefinition, PodEvent, PodEventOf, Resources } from '@pods/contracts';
import type { EventMeta } from '../evolve.ts';

export const aNetworkingEntry: NetworkingEntry = {
  protocol: 'http',
  port: 5000,
  url: 'docpod.pods.dev.example.org',
  ip_allow_list: [],
  tapis_auth: false,
  tapis_auth_response_headers: {},
  tapis_auth_allowed_users: ['*'],
  tapis_auth_return_path: '/',
  cors_allow_origins: [],
  cors_allow_methods: [],
  cors_allow_headers: [],
  cors_allow_credentials: false,
  cors_max_age: 100,
  cors_add_vary_header: false,
  tapis_ui_uri: '',
  tapis_ui_uri_redirect: false,
  tapis_ui_uri_description: '',
};

export const someResources: Resources = {
  cpu_request: 250,
  cpu_limit: 2000,
  mem_request: 256,
  mem_limit: 3072,
  ephemeral_storage_request: -1,
  ephemeral_storage_limit: -1,
  gpus: 0,
};

/** A definition with every field at its default. */
export function aDefinition(changes: Partial<PodDefinition> = {}): PodDefinition {
  return {
    image: 'pods.local/webpage:1',
    description: '',
    command: null,
    arguments: null,
    environment_variables: {},
    time_to_stop_default: 43200,
    time_to_stop_instance: null,
    networking: { default: aNetworkingEntry },
    resources: someResources,
    compute_queue: 'default',
    ...changes,
  };
}

/** The first event of a pod that ada asked for. */
export function podCreated(changes: Partial<PodEventOf<'PodCreated'>> = {}): PodEventOf<'PodCreated'> {
  return {
    type: 'PodCreated',
    incarnation: 1,
    site: 'local',
    definition: aDefinition(),
    modifiedFields: ['pod_id', 'image'],
    statusRequested: 'ON',
    permissions: ['ada:ADMIN'],
    ...changes,
  };
}

/** Events of run `run` of incarnation 1, in the order of an undisturbed start. */
export function eventsOfStart(run = 1, generation = 1): readonly PodEvent[] {
  const of = { incarnation: 1, run };
  const podUid = `uid-${run}`;
  return [
    { type: 'PodSpawnStarted', ...of, generation, definitionVersion: 1 },
    { type: 'PodObjectsCreated', ...of, podUid, podName: 'pods-local-dev-docpod', address: '198.19.0.7' },
    { type: 'PodBecameAvailable', ...of, podUid, startedAt: '2026-01-01T00:00:05.000Z' },
  ];
}

/** What the log says of the event at `version`: one second a version after midnight, by ada. */
export function metaAt(version: number, changes: Partial<EventMeta> = {}): EventMeta {
  return {
    key: ['dev', 'docpod'],
    version,
    at: new Date(Date.UTC(2026, 0, 1, 0, 0, version)).toISOString(),
    actor: 'ada',
    causeId: `command-${version}`,
    causeHash: `hash-${version}`,
    ...changes,
  };
}
