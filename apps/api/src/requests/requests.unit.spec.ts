// The bodies of create and update, field by field: what is taken, what is filled in, and the words of each refusal.
import { describe, expect, it } from 'vitest';
import type { CreatePodRequest } from './create-pod.ts';
import { createPodParser } from './create-pod.ts';
import { defaultResourceSettings } from './fields/resources.ts';
import type { PodLimits } from './pod-body.ts';
import { problemLine } from './problem.ts';
import type { UpdatePodRequest } from './update-pod.ts';
import { createUpdatePodParser } from './update-pod.ts';

const limits: PodLimits = { resources: defaultResourceSettings, computeQueues: ['default', 'gpu'] };
const parseCreatePod = createPodParser(limits);
const parseUpdatePod = createUpdatePodParser(limits);
const host = 'dev.pods.localhost';
const place = { podId: 'docpod', tenantHostName: host };
const least = { pod_id: 'docpod', image: 'pods.local/web:1' };

function create(body: object): CreatePodRequest {
  const parsed = parseCreatePod(body, host);
  if (!parsed.ok) throw new Error(parsed.problems.map(problemLine).join('\n'));
  return parsed.value;
}

function refusedCreate(change: object): readonly string[] {
  const parsed = parseCreatePod({ ...least, ...change }, host);
  return parsed.ok ? [] : parsed.problems.map(problemLine);
}

function update(body: object): UpdatePodRequest {
  const parsed = parseUpdatePod(body, place);
  if (!parsed.ok) throw new Error(parsed.problems.map(problemLine).join('\n'));
  return parsed.value;
}

describe('a create', () => {
  it('gets every documented default', () => {
    expect(create(least)).toMatchObject({
      podId: 'docpod',
      statusRequested: 'ON',
      modifiedFields: ['pod_id', 'image'],
      definition: {
        image: 'pods.local/web:1',
        description: '',
        command: null,
        arguments: null,
        environment_variables: {},
        time_to_stop_default: 43_200,
        time_to_stop_instance: null,
        compute_queue: 'default',
        resources: {
          cpu_request: 250,
          cpu_limit: 2000,
          mem_request: 256,
          mem_limit: 3072,
          ephemeral_storage_request: -1,
          ephemeral_storage_limit: -1,
          gpus: 0,
        },
      },
    });
    expect(create(least).definition.networking).toEqual({
      default: {
        protocol: 'http',
        port: 5000,
        url: 'docpod.pods.dev.pods.localhost',
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
      },
    });
  });

  it('takes numbers and booleans as text', () => {
    const { definition } = create({
      ...least,
      time_to_stop_default: '600',
      resources: { gpus: '1', cpu_request: ' 300 ' },
      networking: { web: { port: '8080', tapis_auth: 'True', cors_allow_credentials: 'false', protocol: 'HTTP' } },
    });
    expect(definition.time_to_stop_default).toBe(600);
    expect(definition.resources).toMatchObject({ gpus: 1, cpu_request: 300, cpu_limit: 2000 });
    expect(definition.networking['web']).toMatchObject({
      port: 8080,
      protocol: 'http',
      tapis_auth: true,
      cors_allow_credentials: false,
      url: 'docpod-web.pods.dev.pods.localhost',
    });
  });

  it('overwrites the url that was sent and the header that has no effect', () => {
    const networking = { default: { url: 'evil.test', cors_add_vary_header: true } };
    expect(create({ ...least, networking }).definition.networking['default']).toMatchObject({
      url: 'docpod.pods.dev.pods.localhost',
      cors_add_vary_header: false,
    });
  });

  it('finds the queue at the top or inside resources', () => {
    expect(create({ ...least, compute_queue: 'gpu' }).definition.compute_queue).toBe('gpu');
    const inside = create({ ...least, resources: { compute_queue: 'gpu', gpus: 1 } });
    expect(inside.definition.compute_queue).toBe('gpu');
    expect(inside.definition.resources).not.toHaveProperty('compute_queue');
    expect(inside.modifiedFields).toEqual(['pod_id', 'image', 'compute_queue', 'resources.gpus']);
  });

  it('with OFF asks for a stopped pod, with ON or RESTART for a run', () => {
    expect(
      ['ON', 'OFF', 'RESTART'].map((status_requested) => create({ ...least, status_requested }).statusRequested),
    ).toEqual(['ON', 'OFF', 'ON']);
  });

  it('takes the fields of later versions when they ask for nothing', () => {
    const empty = { template: '', secret_map: {}, volume_mounts: {}, template_overrides: null };
    expect(refusedCreate(empty)).toEqual([]);
    expect(refusedCreate({ volume_mounts: [], template_overrides: {} })).toEqual([]);
  });

  it('keeps environment variables as they are', () => {
    const environment_variables = { A: '1', '.with.dot-and-dash': 'x=${y}\n<<z>>', _: '' };
    expect(create({ ...least, environment_variables }).definition.environment_variables).toEqual(environment_variables);
  });
});

describe('a create is refused, in the words of the wire, with', () => {
  it.each([
    ['no pod_id', { pod_id: undefined }, 'body, pod_id: Field required'],
    ['an unknown key', { foo: 1 }, 'body, foo: Extra inputs are not permitted'],
    ['an unknown nested key', { resources: { cpus: 1 } }, 'body, resources, cpus: Extra inputs are not permitted'],
    [
      'an unknown key of an entry',
      { networking: { default: { x: 1 } } },
      'body, networking, default, x: Extra inputs are not permitted',
    ],
    ['a number for a text', { description: 5 }, 'body, description: Input should be a valid string (got an integer)'],
    [
      'a text for a list',
      { command: 'sleep 5' },
      'body, command: Input should be a valid list (got a string of 7 characters)',
    ],
    [
      'a number in a list',
      { arguments: ['a', 5] },
      'body, arguments, 1: Input should be a valid string (got an integer)',
    ],
    [
      'a list for an object',
      { environment_variables: [] },
      'body, environment_variables: Input should be a valid dictionary (got a list)',
    ],
    [
      'a number as a variable',
      { environment_variables: { A: 1 } },
      'body, environment_variables, A: Input should be a valid string (got an integer)',
    ],
    ['null for a text', { description: null }, 'body, description: Input should be a valid string (got null)'],
    [
      'text for a number',
      { time_to_stop_default: 'soon' },
      'body, time_to_stop_default: Input should be a valid integer, unable to parse string as an integer (got a string of 4 characters)',
    ],
    [
      'a broken number',
      { resources: { gpus: 0.5 } },
      'body, resources, gpus: Input should be a valid integer (got a number with a fractional part)',
    ],
    [
      'text for a boolean',
      { networking: { default: { tapis_auth: 'maybe' } } },
      'body, networking, default, tapis_auth: Input should be a valid boolean (got a string of 5 characters)',
    ],
    [
      'an unknown word',
      { status_requested: 'on' },
      "body, status_requested: Input should be 'ON', 'OFF' or 'RESTART' (got a string of 2 characters)",
    ],
    [
      'an unknown protocol',
      { networking: { default: { protocol: 'udp' } } },
      "body, networking, default, protocol: Input should be 'http', 'tcp', 'postgres' or 'local_only' (got a string of 3 characters)",
    ],
    [
      'a text as volume mounts',
      { volume_mounts: 'x' },
      'body, volume_mounts: Input should be a valid dictionary or list (got a string of 1 characters)',
    ],
    [
      'a low port',
      { networking: { default: { port: 9 } } },
      'body, networking, default, port: Value error, must be from 10 to 65535 (got 9)',
    ],
    [
      'a high port',
      { networking: { default: { port: 65_536 } } },
      'body, networking, default, port: Value error, must be from 10 to 65535 (got 65536)',
    ],
    [
      'too little cpu',
      { resources: { cpu_request: 10 } },
      'body, resources, cpu_request: Value error, must be from 250 to 6000 (got 10)',
    ],
    [
      'a request above its limit',
      { resources: { mem_request: 2000, mem_limit: 1000 } },
      'body, resources, mem_request: Value error, must not exceed mem_limit (2000 is more than 1000)',
    ],
    [
      'a request above the default limit',
      { resources: { cpu_request: 3000 } },
      'body, resources, cpu_request: Value error, must not exceed cpu_limit (3000 is more than 2000)',
    ],
    [
      'too much disk',
      { resources: { ephemeral_storage_limit: 20_000 } },
      'body, resources, ephemeral_storage_limit: Value error, must be -1, or from 64 to 18432 (got 20000)',
    ],
    [
      'more disk asked than allowed',
      { resources: { ephemeral_storage_request: 500, ephemeral_storage_limit: 100 } },
      'body, resources, ephemeral_storage_request: Value error, must not exceed ephemeral_storage_limit (500 is more than 100)',
    ],
    ['too many gpus', { resources: { gpus: 2 } }, 'body, resources, gpus: Value error, must be from 0 to 1 (got 2)'],
    [
      'no image',
      { image: undefined },
      'image: Value error, an image is needed, such as docker.io/library/nginx:1.27 (templates are not offered by this version of the service yet)',
    ],
    [
      'a short stop',
      { time_to_stop_instance: 60 },
      'time_to_stop_instance: Value error, must be -1 for never, or from 300 to 315360000 seconds (got 60)',
    ],
    [
      'a stop at 0',
      { time_to_stop_default: 0 },
      'time_to_stop_default: Value error, must be -1 for never, or from 300 to 315360000 seconds (got 0)',
    ],
    [
      'a long description',
      { description: 'x'.repeat(405) },
      'description: Value error, may have at most 404 characters (got a string of 405 characters)',
    ],
    ['a description beyond ASCII', { description: 'é' }, 'description: Value error, must be ASCII text'],
    [
      'an unknown queue',
      { compute_queue: 'fast' },
      'compute_queue: Value error, must be one of: default, gpu (got a string of 4 characters)',
    ],
    [
      'two queues',
      { compute_queue: 'gpu', resources: { compute_queue: 'default' } },
      'compute_queue: Value error, is given twice with different values, here and inside resources',
    ],
    [
      'NUL in a variable',
      { environment_variables: { A: '\0' } },
      'environment_variables, A: Value error, must not hold NUL characters',
    ],
    ['NUL in a command', { command: ['a', '\0'] }, 'command, 1: Value error, must not hold NUL characters'],
    [
      'a secret reference',
      { environment_variables: { A: '${pods:secrets:KEY}' } },
      'environment_variables, A: Value error, references to secrets and credentials are not offered by this version of the service yet; put in a plain value',
    ],
    [
      'a legacy placeholder',
      { arguments: ['<<tapissecret_user_password>>'] },
      'arguments, 0: Value error, references to secrets and credentials are not offered by this version of the service yet; put in a plain value',
    ],
    [
      'a template',
      { template: 'neo4j' },
      "template: Value error, templates are not offered by this version of the service yet; set 'image' instead",
    ],
    [
      'a secret map',
      { secret_map: { A: 'x' } },
      'secret_map: Value error, secrets are not offered by this version of the service yet; leave it out',
    ],
    [
      'volume mounts',
      { volume_mounts: { '/data': {} } },
      'volume_mounts: Value error, volumes are not offered by this version of the service yet; leave it out',
    ],
    [
      'template overrides',
      { template_overrides: { a: 1 } },
      'template_overrides: Value error, templates are not offered by this version of the service yet; leave it out',
    ],
    [
      'a short key',
      { networking: { ab: {} } },
      'networking, ab: Value error, a key must be 3 to 64 lower-case letters and digits',
    ],
    [
      'a key with a dash',
      { networking: { 'a-b': {} } },
      'networking, a-b: Value error, a key must be 3 to 64 lower-case letters and digits',
    ],
    [
      'five entries',
      { networking: { aaa: {}, bbb: {}, ccc: {}, ddd: {}, eee: {} } },
      'networking: Value error, may have at most 4 entries (got 5)',
    ],
    [
      'a label that DNS cannot hold',
      { networking: { ['k'.repeat(60)]: {} } },
      `networking, ${'k'.repeat(60)}: Value error, the host name would begin with a label of 67 characters, DNS allows 63; pod_id and key together may have at most 62`,
    ],
    [
      'an upper-case id',
      { pod_id: 'Doc' },
      'pod_id: Value error, must be 3 to 64 lower-case letters and digits and begin with a letter (got a string of 3 characters)',
    ],
    [
      'an id that begins with a digit',
      { pod_id: '1doc' },
      'pod_id: Value error, must be 3 to 64 lower-case letters and digits and begin with a letter (got a string of 4 characters)',
    ],
    [
      'a short id',
      { pod_id: 'ab' },
      'pod_id: Value error, must be 3 to 64 lower-case letters and digits and begin with a letter (got a string of 2 characters)',
    ],
    [
      'a reserved id',
      { pod_id: 'volumes' },
      "pod_id: Value error, 'volumes' is reserved for routes of the service; choose another id",
    ],
  ])('%s', (_what, change, line) => {
    expect(refusedCreate(change)).toEqual([line]);
  });

  it('several mistakes, each named', () => {
    expect(refusedCreate({ description: 1, foo: 1, bar: 1 })).toEqual([
      'body, description: Input should be a valid string (got an integer)',
      'body, foo: Extra inputs are not permitted',
      'body, bar: Extra inputs are not permitted',
    ]);
  });

  it('nothing of a secret in the message', () => {
    const secret = 'hunter2hunter2';
    const lines = refusedCreate({
      environment_variables: { A: `${secret}\0` },
      secret_map: { A: secret },
      image: secret.toUpperCase(),
    });
    expect(lines).toHaveLength(3);
    expect(lines.join(' ').toLowerCase()).not.toContain(secret);
  });
});

describe('one mistake is one line', () => {
  it.each([
    ['an id that is too long', { pod_id: 'p'.repeat(65) }, /^pod_id: Value error, must be 3 to 64/],
    ['an id that is none', { pod_id: 'A'.repeat(90) }, /^pod_id: Value error, must be 3 to 64/],
    [
      'a huge port',
      { networking: { default: { port: 2 ** 60 } } },
      /^body, networking, default, port: Input should be a valid integer \(got a number beyond 9007199254740991\)$/,
    ],
    [
      'a number that JSON can say and no computer hold',
      JSON.parse('{"time_to_stop_default":-1e999}'),
      /^body, time_to_stop_default: Input should be a valid integer \(got a number beyond 9007199254740991\)$/,
    ],
    [
      'a huge number as text',
      { resources: { cpu_request: '9999999999999999' } },
      /^body, resources, cpu_request: Input should be a valid integer, unable to parse/,
    ],
    [
      'a broken port',
      { networking: { default: { port: 80.5 } } },
      /^body, networking, default, port: Input should be a valid integer \(got a number with a fractional part\)$/,
    ],
    [
      'a request above everything',
      { resources: { cpu_request: 100_000 } },
      /^body, resources, cpu_request: Value error, must be from 250 to 6000/,
    ],
  ])('%s', (_what, change: object, line) => {
    expect(refusedCreate(change)).toEqual([expect.stringMatching(line)]);
  });
});

describe('a networking entry is refused with', () => {
  it.each([
    ['a star as address', { ip_allow_list: ['*'] }, 'ip_allow_list, 0'],
    ['an octet above 255', { ip_allow_list: ['10.0.0.1', '256.1.1.1'] }, 'ip_allow_list, 1'],
    ['a prefix above 32', { ip_allow_list: ['10.0.0.0/33'] }, 'ip_allow_list, 0'],
    ['authentication over tcp', { protocol: 'tcp', tapis_auth: true }, 'tapis_auth'],
    ['origins over tcp', { protocol: 'tcp', cors_allow_origins: ['*'] }, 'cors_allow_origins'],
    ['a backtick in an origin', { cors_allow_origins: ['https://a.test`'] }, 'cors_allow_origins, 0'],
    ['a bad method', { cors_allow_methods: ['GE T'] }, 'cors_allow_methods, 0'],
    ['a bad header', { cors_allow_headers: ['a:b'] }, 'cors_allow_headers, 0'],
    ['an age above 100', { cors_max_age: 101 }, 'cors_max_age'],
    ['a header name with a space', { tapis_auth_response_headers: { 'a b': '' } }, 'tapis_auth_response_headers, a b'],
    ['a backtick in a header value', { tapis_auth_response_headers: { A: '`' } }, 'tapis_auth_response_headers, A'],
    [
      'a line break in a header value',
      { tapis_auth_response_headers: { A: 'a\r\nb' } },
      'tapis_auth_response_headers, A',
    ],
    ['a header of the connection', { tapis_auth_response_headers: { Host: 'x' } }, 'tapis_auth_response_headers, Host'],
    ['a user with a space', { tapis_auth_allowed_users: ['a b'] }, 'tapis_auth_allowed_users, 0'],
    ['a relative return path', { tapis_auth_return_path: 'a' }, 'tapis_auth_return_path'],
    ['a return path with a query', { tapis_auth_return_path: '/a?b' }, 'tapis_auth_return_path'],
    ['a bad UI path', { tapis_ui_uri: 'a' }, 'tapis_ui_uri'],
    ['a UI description beyond ASCII', { tapis_ui_uri_description: 'é' }, 'tapis_ui_uri_description'],
  ])('%s', (_what, entry, field) => {
    const lines = refusedCreate({ networking: { default: entry } });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(new RegExp(`^body, networking, default, ${field}: Value error, `));
  });

  it('nothing of what is documented', () => {
    const documented = {
      protocol: 'http',
      port: 8080,
      ip_allow_list: ['10.0.0.1', '192.168.0.0/16'],
      tapis_auth: true,
      tapis_auth_response_headers: { 'X-Tapis-Username': '<<tapisusername>>', under_score: '<<tapistenantid>>' },
      tapis_auth_allowed_users: ['ada', 'AUTHORIZED_USERS'],
      tapis_auth_return_path: '/a/b.html',
      cors_allow_origins: ['https://a.test:8443', '*'],
      cors_allow_methods: ['GET', '*'],
      cors_allow_headers: ['X-Tapis-Token', '*'],
      cors_allow_credentials: true,
      cors_max_age: 0,
      tapis_ui_uri: '/my-app/x',
      tapis_ui_uri_redirect: true,
      tapis_ui_uri_description: 'My app',
    };
    expect(refusedCreate({ networking: { default: documented } })).toEqual([]);
  });
});

describe('DNS', () => {
  it('forbids an id of 64 characters with a public entry and allows it with a local one', () => {
    const pod_id = 'p'.repeat(64);
    const line =
      'networking: Value error, pod_id has 64 characters and begins the host names of entries, where DNS allows 63; use a shorter pod_id, or protocol local_only';
    expect(refusedCreate({ pod_id })).toEqual([line]);
    expect(refusedCreate({ pod_id, networking: { default: {}, web: {}, other: {} } })).toEqual([line]);
    expect(refusedCreate({ pod_id: 'p'.repeat(63) })).toEqual([]);
    expect(refusedCreate({ pod_id, networking: { default: { protocol: 'local_only' } } })).toEqual([]);
    expect(refusedCreate({ pod_id, networking: {} })).toEqual([]);
  });
});

describe('an update', () => {
  it('changes only what was sent, as whole fields', () => {
    expect(update({ description: 'new', resources: { gpus: 1 } })).toEqual({
      changes: {
        description: 'new',
        resources: {
          cpu_request: 250,
          cpu_limit: 2000,
          mem_request: 256,
          mem_limit: 3072,
          ephemeral_storage_request: -1,
          ephemeral_storage_limit: -1,
          gpus: 1,
        },
      },
      sentFields: ['description', 'resources.gpus'],
      statusRequested: undefined,
    });
  });

  it('can clear what may be null, and nothing else', () => {
    expect(update({ command: null, time_to_stop_instance: null }).changes).toEqual({
      command: null,
      time_to_stop_instance: null,
    });
    expect(parseUpdatePod({ image: null }, place)).toMatchObject({ ok: false });
  });

  it('of the queue inside resources leaves the resources alone', () => {
    expect(update({ resources: { compute_queue: 'gpu' } })).toMatchObject({
      changes: { compute_queue: 'gpu' },
      sentFields: ['compute_queue'],
    });
    expect(update({ resources: { compute_queue: 'gpu' } }).changes).not.toHaveProperty('resources');
    expect(update({ resources: {} }).changes.resources).toMatchObject({ cpu_request: 250 });
  });

  it('carries the wish for a status and makes the new host names', () => {
    expect(update({ status_requested: 'RESTART' }).statusRequested).toBe('RESTART');
    expect(update({ networking: { web: {} } }).changes.networking?.['web']?.url).toBe(
      'docpod-web.pods.dev.pods.localhost',
    );
  });

  it.each([
    ['the id', { pod_id: 'other' }, 'body, pod_id: Extra inputs are not permitted'],
    ['no image', { image: '' }, /^image: Value error, an image is needed/],
    ['a template', { template: 'x' }, /^template: Value error, /],
    ['a bad port', { networking: { default: { port: 1 } } }, /^body, networking, default, port: Value error, /],
  ])('is refused with %s', (_what, body, line) => {
    const parsed = parseUpdatePod(body, place);
    expect(parsed.ok ? [] : parsed.problems.map(problemLine)).toEqual([
      typeof line === 'string' ? line : expect.stringMatching(line),
    ]);
  });
});
