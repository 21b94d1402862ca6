// The texts of --help. No I/O.
import { productionSizes } from '../nats/definitions.ts';
import { natsUserNames } from '../nats/users.ts';
import { program } from './command-line.ts';
import type { Command, Flag } from './flags.ts';
import { commands, flagsOf } from './flags.ts';
import { formatSizes } from './sizes.ts';

const summaries: Readonly<Record<Command, string>> = {
  users: "prints the part of nats-server's configuration that lets the apps in",
  nats: 'streams and buckets on NATS',
  postgres: 'roles, database and tables on Postgres',
  kubernetes: "the pods' namespace and the apps' accounts in the cluster",
  'remove-pod': 'deletes a pod whose history no app can read any more',
};

const exitCodes = `Exit code: 0 everything is as wanted, 1 refused or (with --check) something is not as wanted, 2 the command line was
not understood.`;

const explanations: Readonly<Record<Command, string>> = {
  users: `Prints the accounts block with one user for each app and the least it needs, to be included in the configuration
of every nats-server. It changes nothing and needs no server. Public keys are no secrets; each seed stays in a file of its
app. With the nk tool of NATS, for each of ${natsUserNames.join(', ')}:

  nk -gen user > admin.seed
  nk -inkey admin.seed -pubout

  ${program} users \\
${natsUserNames.map((name) => `    --key ${name}=U... \\\n`).join('')}    > pods-users.conf`,
  nats: `Creates the streams and buckets that are missing. Changes none that is there: when a setting differs it says stream,
setting, wanted and found, creates nothing, and ends with 1. Change the stream with the nats tool, or the flag here.

  ${program} nats --url nats://nats-1:4222,nats://nats-2:4222 --seed-file admin.seed --check
  ${program} nats --url nats://nats-1:4222,nats://nats-2:4222 --seed-file admin.seed

tls:// insists on TLS; $NODE_EXTRA_CA_CERTS names the authority of your own certificates.

A cluster of three servers is the default; one server alone needs --replicas 1. Each server needs room for all limits
together. Production sizes, which --max-bytes changes one by one (--max-bytes pod-events=40GiB --max-bytes poison=2GiB):

  ${formatSizes(productionSizes)}`,
  postgres: `Creates the role that owns the tables, the role of api, the database, and the rights of api, sets both passwords, and
brings the tables to the shape of this release. A database that a newer release has changed is refused. With --check it
lists what is missing and the pending migrations; passwords cannot be read back and are not compared.

  ${program} postgres --admin-url-file admin.url --check
  ${program} postgres --admin-url-file admin.url --owner-password-file owner.password \\
    --api-password-file api.password --api-url-file api.url

To change a password, change its file and run it again, then start api anew with the new URL.`,
  kubernetes: `Applies the namespace and, for spawner and health, a ServiceAccount, a Role and a RoleBinding with the least each needs.
Objects that were changed by hand become as wanted again; with --check they are listed.

  ${program} kubernetes --kubeconfig admin.kubeconfig --check
  ${program} kubernetes --kubeconfig admin.kubeconfig --app-kubeconfigs secrets

--app-kubeconfigs writes spawner.kubeconfig and health.kubeconfig, each with a new token that lasts a year at most; run it
again before that. Earlier tokens stay valid until they end.`,
  'remove-pod': `Deletes one pod that can be neither stopped nor deleted with the API, because its history has a gap (a log that was put
back) or holds events that the apps cannot read. Such a pod answers 503 to every change, and runs on. A last event ends its
history; then the apps remove what is left of it, and its id can be used again. What was read of it is not kept.

  ${program} remove-pod --tenant dev --pod docpod --url nats://nats-1:4222 --seed-file admin.seed --check
  ${program} remove-pod --tenant dev --pod docpod --url nats://nats-1:4222 --seed-file admin.seed

Events of an unknown type may be those of a newer release: then bring the apps to that release instead, and use its program.
A pod whose history is sound is refused.`,
};

/** The help of one command, or of all. */
export function helpText(command: Command | undefined): string {
  if (command !== undefined)
    return `${program} ${command} [flags]\n\n${explanations[command]}\n\n${flagList(command)}\n${exitCodes}\n`;
  const row = (name: Command): string => `  ${name.padEnd(12)} ${summaries[name]}`;
  const list = commands.filter((name) => name !== 'remove-pod').map(row);
  return `${program} COMMAND [flags]

Makes sure that an installation has what its apps need before they start. Every command can be repeated and ends with the
same result, also after it was interrupted. For a new installation, in this order:

${list.join('\n')}

When something went wrong:

${row('remove-pod')}

${program} COMMAND --help tells the flags of a command, with examples.
Secrets come from files and are never printed.

${exitCodes}
`;
}

function flagList(command: Command): string {
  const rows = Object.entries(flagsOf[command]).map(
    ([name, flag]) => [heading(name, flag), description(flag)] as const,
  );
  const width = Math.max(...rows.map(([head]) => head.length));
  return rows.map(([head, text]) => `  ${head.padEnd(width)}  ${text}\n`).join('');
}

function heading(name: string, flag: Flag): string {
  return `--${name}${flag.value === undefined ? '' : ` ${flag.value}`}${name === 'help' ? ', -h' : ''}`;
}

function description({ text, fallback, variable, repeatable }: Flag): string {
  const notes = [
    ...(fallback === undefined || fallback === '' ? [] : [`default ${fallback}`]),
    ...(variable === undefined ? [] : [`or $${variable}`]),
    ...(repeatable === undefined ? [] : ['repeatable']),
  ];
  return notes.length === 0 ? text : `${text} (${notes.join(', ')})`;
}
