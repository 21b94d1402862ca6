// Every flag of every command: the one table that parsing and help are made of. No I/O.
import { natsUserNames } from '../nats/users.ts';
import { sizeNames } from './sizes.ts';

export const commands = ['users', 'nats', 'postgres', 'kubernetes', 'remove-pod'] as const;
export type Command = (typeof commands)[number];

export interface Flag {
  /** What stands for the value in the help; a flag without it is a switch. */
  readonly value?: string;
  readonly text: string;
  readonly fallback?: string;
  /** Environment variable that is read when the flag is not given. */
  readonly variable?: string;
  readonly repeatable?: true;
}

const prefix: Flag = {
  value: 'PREFIX',
  text: 'put before the names of streams and subjects',
  fallback: '',
  variable: 'PODS_PREFIX',
};
const url: Flag = {
  value: 'URL',
  text: 'nats:// or tls:// address of a server, several with commas',
  variable: 'NATS_URL',
};
const seedFile: Flag = {
  value: 'FILE',
  text: 'the seed of user admin; none where anybody may connect',
  variable: 'NATS_NKEY_SEED_FILE',
};
const json: Flag = { text: 'print the result as JSON, refusals too' };
const help: Flag = { text: 'print this text' };
const check: Flag = { text: 'only compare: change nothing, exit with 1 when something is not as wanted' };

/** The flags of each command, by name without the dashes. */
export const flagsOf: Readonly<Record<Command, Readonly<Record<string, Flag>>>> = {
  users: {
    key: {
      value: 'USER=PUBLICKEY',
      text: `a user's public NKEY, for each of ${natsUserNames.join(', ')}`,
      repeatable: true,
    },
    prefix,
    json,
    help,
  },
  nats: {
    url,
    'seed-file': seedFile,
    replicas: { value: 'COUNT', text: 'servers that hold a copy of each stream: 1, 3 or 5', fallback: '3' },
    'max-bytes': { value: 'NAME=SIZE', text: `limit of ${sizeNames.join(', ')}`, repeatable: true },
    prefix,
    check,
    json,
    help,
  },
  postgres: {
    'admin-url-file': {
      value: 'FILE',
      text: 'postgres:// URL of a superuser, with ?sslmode=verify-full for TLS',
      variable: 'DATABASE_ADMIN_URL_FILE',
    },
    'owner-password-file': { value: 'FILE', text: 'password for the owner of the tables; not needed with --check' },
    'api-password-file': { value: 'FILE', text: 'password for the role of api; not needed with --check' },
    'api-url-file': { value: 'FILE', text: 'write the URL of api there, its DATABASE_URL_FILE' },
    database: { value: 'NAME', text: 'name of the database', fallback: 'pods' },
    'owner-role': { value: 'NAME', text: 'role that owns the tables', fallback: 'pods_owner' },
    'api-role': { value: 'NAME', text: 'role as which api connects', fallback: 'pods_api' },
    check,
    json,
    help,
  },
  kubernetes: {
    kubeconfig: { value: 'FILE', text: "an administrator's kubeconfig", variable: 'KUBECONFIG_FILE' },
    namespace: { value: 'NAME', text: 'namespace that pods run in', fallback: 'pods', variable: 'KUBE_NAMESPACE' },
    'app-kubeconfigs': { value: 'FOLDER', text: 'write a kubeconfig with a new token for each app there' },
    check,
    json,
    help,
  },
  'remove-pod': {
    tenant: { value: 'ID', text: 'the tenant of the pod' },
    pod: { value: 'ID', text: 'the pod' },
    url,
    'seed-file': seedFile,
    prefix,
    check: { text: 'only tell what is wrong with its history: change nothing, exit with 1' },
    json,
    help,
  },
};
