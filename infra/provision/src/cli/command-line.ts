// What can be typed and what it means. The environment comes as an argument. No I/O.
import type { ParseArgsOptionDescriptor } from 'node:util';
import { parseArgs } from 'node:util';
import type { PodKey, Topology } from '@pods/contracts';
import { subjectTokenPattern, topology } from '@pods/contracts';
import type { NatsSizes } from '../nats/definitions.ts';
import type { NatsUserName } from '../nats/users.ts';
import { natsUserNames } from '../nats/users.ts';
import type { Command } from './flags.ts';
import { commands, flagsOf } from './flags.ts';
import { parseSizes } from './sizes.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface UsersLine {
  readonly command: 'users';
  readonly names: Topology;
  readonly publicKeys: ReadonlyMap<NatsUserName, string>;
}

export interface NatsLine {
  readonly command: 'nats';
  readonly check: boolean;
  readonly servers: readonly string[];
  readonly seedFile: string | undefined;
  readonly names: Topology;
  readonly replicas: number;
  readonly maxBytes: NatsSizes;
}

export interface PostgresLine {
  readonly command: 'postgres';
  readonly adminUrlFile: string;
  readonly names: { readonly database: string; readonly owner: string; readonly api: string };
  /** Undefined: only compare. */
  readonly write:
    | { readonly ownerPasswordFile: string; readonly apiPasswordFile: string; readonly apiUrlFile: string | undefined }
    | undefined;
}

export interface KubernetesLine {
  readonly command: 'kubernetes';
  readonly check: boolean;
  readonly kubeconfigFile: string;
  readonly namespace: string;
  readonly appKubeconfigs: string | undefined;
}

export interface RemovePodLine {
  readonly command: 'remove-pod';
  readonly check: boolean;
  readonly servers: readonly string[];
  readonly seedFile: string | undefined;
  readonly names: Topology;
  readonly key: PodKey;
}

/** A command line that asks for work. */
export type WorkLine = UsersLine | NatsLine | PostgresLine | KubernetesLine | RemovePodLine;

/** A command line that was understood. */
export type CommandLine =
  | { readonly command: 'help'; readonly of: Command | undefined }
  | { readonly command: 'work'; readonly json: boolean; readonly line: WorkLine };

/** A command line that was not understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'usage';
  constructor(message: string, command?: Command) {
    super(
      `${message}\n${[program, ...(command === undefined ? [] : [command]), '--help'].join(' ')} tells what there is.`,
    );
  }
}

/** How the program is called. */
export const program = 'node infra/provision/src/main.ts';

/** Reads arguments and, for what they leave out, the environment. @throws UsageError */
export function parseCommandLine(args: readonly string[], environment: Environment): CommandLine {
  const [first, ...rest] = args;
  if (first === '--help' || first === '-h' || first === 'help') return { command: 'help', of: undefined };
  const command = commands.find((known) => known === first);
  if (command === undefined) throw new UsageError(`The first word is one of: ${commands.join(', ')}.`);
  const values = readValues(command, rest, environment);
  if (values.has('help')) return { command: 'help', of: command };
  try {
    return { command: 'work', json: values.has('json'), line: lines[command](values) };
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`${error.message}.`, command);
    throw error;
  }
}

interface Values {
  readonly has: (name: string) => boolean;
  /** Given, from the environment, or the fallback. */
  readonly text: (name: string) => string | undefined;
  /** The same for what must be there. @throws RangeError */
  readonly needed: (name: string) => string;
  readonly all: (name: string) => readonly string[];
}

function readValues(command: Command, args: readonly string[], environment: Environment): Values {
  const flags = flagsOf[command];
  const given = parse(command, args);
  const text = (name: string): string | undefined => {
    const value = given.get(name);
    if (typeof value === 'string') return value;
    const { variable, fallback } = flags[name] ?? {};
    const inherited = variable === undefined ? undefined : environment[variable];
    return inherited === undefined || inherited === '' ? fallback : inherited;
  };
  return {
    has: (name) => given.get(name) === true,
    text,
    needed: (name) => {
      const value = text(name);
      if (value !== undefined && value !== '') return value;
      const variable = flags[name]?.variable;
      throw new RangeError(`--${name}${variable === undefined ? '' : ` (or ${variable})`} is needed`);
    },
    all: (name) => {
      const value = given.get(name);
      return Array.isArray(value) ? value.map(String) : [];
    },
  };
}

function parse(command: Command, args: readonly string[]): ReadonlyMap<string, unknown> {
  const options: Record<string, ParseArgsOptionDescriptor> = {};
  for (const [name, { value, repeatable }] of Object.entries(flagsOf[command])) {
    const type = value === undefined ? 'boolean' : 'string';
    options[name] = { type, multiple: repeatable === true, ...(name === 'help' ? { short: 'h' } : {}) };
  }
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    // Not repeated in the message: it may be a secret that belongs in a file.
    if (positionals.length > 0) throw new RangeError(`${command} takes flags only; secrets come from files`);
    return new Map(Object.entries(values));
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), command);
  }
}

const lines: { readonly [C in Command]: (values: Values) => Extract<WorkLine, { command: C }> } = {
  users: (values) => ({ command: 'users', names: namesOf(values), publicKeys: keysOf(values.all('key')) }),
  nats: (values) => ({
    command: 'nats',
    check: values.has('check'),
    servers: serversOf(values.needed('url')),
    seedFile: values.text('seed-file'),
    names: namesOf(values),
    replicas: replicasOf(values.needed('replicas')),
    maxBytes: parseSizes(values.all('max-bytes')),
  }),
  postgres: (values) => ({
    command: 'postgres',
    adminUrlFile: values.needed('admin-url-file'),
    names: {
      database: values.needed('database'),
      owner: values.needed('owner-role'),
      api: values.needed('api-role'),
    },
    write: values.has('check')
      ? undefined
      : {
          ownerPasswordFile: values.needed('owner-password-file'),
          apiPasswordFile: values.needed('api-password-file'),
          apiUrlFile: values.text('api-url-file'),
        },
  }),
  kubernetes: (values) => ({
    command: 'kubernetes',
    check: values.has('check'),
    kubeconfigFile: values.needed('kubeconfig'),
    namespace: values.needed('namespace'),
    appKubeconfigs: values.text('app-kubeconfigs'),
  }),
  'remove-pod': (values) => ({
    command: 'remove-pod',
    check: values.has('check'),
    servers: serversOf(values.needed('url')),
    seedFile: values.text('seed-file'),
    names: namesOf(values),
    key: { tenant: tokenOf(values, 'tenant'), podId: tokenOf(values, 'pod') },
  }),
};

function namesOf(values: Values): Topology {
  return topology(values.text('prefix'));
}

function tokenOf(values: Values, name: string): string {
  const token = values.needed(name);
  if (!subjectTokenPattern.test(token)) throw new RangeError(`--${name} is no id`);
  return token;
}

function serversOf(text: string): readonly string[] {
  return text.split(',').map((part) => {
    const server = part.trim();
    const url = /^(nats|tls):\/\//.test(server) ? URL.parse(server) : null;
    if (url === null) throw new RangeError('--url takes addresses that begin with nats:// or tls://');
    if (url.username !== '' || url.password !== '') {
      throw new RangeError('--url takes no user or password; the seed comes from --seed-file');
    }
    return server;
  });
}

function replicasOf(text: string): number {
  if (!['1', '3', '5'].includes(text)) throw new RangeError('--replicas is 1, 3 or 5: an even count survives no more');
  return Number(text);
}

function keysOf(texts: readonly string[]): ReadonlyMap<NatsUserName, string> {
  const keys = new Map<NatsUserName, string>();
  for (const text of texts) {
    const [name, publicKey = ''] = text.split('=', 2);
    const user = natsUserNames.find((known) => known === name);
    // The rest is not repeated: somebody may have given a seed.
    if (user === undefined) throw new RangeError(`--key takes USER=PUBLICKEY with one of ${natsUserNames.join(', ')}`);
    if (keys.has(user)) throw new RangeError(`--key names ${user} twice`);
    keys.set(user, publicKey);
  }
  const missing = natsUserNames.filter((name) => !keys.has(name));
  if (missing.length > 0) throw new RangeError(`--key is missing for ${missing.join(', ')}`);
  return keys;
}
