// What can be typed after npm start, stop and the other commands, and what it means. Pure.
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { flagOf, settingNames, settingsSchema, variableOf } from '../settings/schema.ts';
import type { GivenValues } from '../settings/sources.ts';

/** The commands. */
export const commands = ['start', 'stop', 'status', 'reset', 'prepare'] as const;

/** One of the commands. */
export type Command = (typeof commands)[number];

/** A command line that was understood. */
export type CommandLine = {
  readonly command: Command;
  readonly help: boolean;
  readonly detach: boolean;
  readonly demo: boolean;
  readonly json: boolean;
  /** Settings given as flags, by name. */
  readonly given: GivenValues;
};

/** A command line that was not understood. */
export class UsageError extends Error {
  constructor(message: string) {
    super(`${message}\nnpm start -- --help tells what there is.`);
    this.name = 'UsageError';
  }
}

const switches = {
  help: { type: 'boolean', short: 'h', default: false },
  detach: { type: 'boolean', short: 'd', default: false },
  'no-demo': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const satisfies ParseArgsOptionsConfig;

const flags: ParseArgsOptionsConfig = Object.fromEntries(
  settingNames.map((name) => [flagOf(name), { type: 'string' }]),
);

const isCommand = (text: string | undefined): text is Command => commands.some((command) => command === text);

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options: { ...flags, ...switches }, allowPositionals: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Node goes on with advice about arguments that begin with a dash, which no command takes.
    throw new UsageError(message.replace(/\. To specify a positional argument [^]*$/, '.'));
  }
};

/** Reads the arguments of this program. @throws UsageError */
export const parseCommandLine = (args: readonly string[]): CommandLine => {
  const { values, positionals } = parse(args);
  const [command, ...more] = positionals;
  if (!isCommand(command) || more.length > 0) throw new UsageError(`The command is one of: ${commands.join(', ')}.`);
  const all: Readonly<Record<string, unknown>> = values;
  const given = settingNames.flatMap((name) => {
    const value = all[flagOf(name)];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  return {
    command,
    help: values.help,
    detach: values.detach,
    demo: !values['no-demo'],
    json: values.json,
    given: Object.fromEntries(given),
  };
};

const explanations: Readonly<Record<Command, string>> = {
  start: `npm start -- [flags]

Brings the whole Pods Service up on this machine: nats-server, Postgres, a real one-node Kubernetes with DNS, an image
registry with a few images, Traefik, a stand-in for the identity provider, and the apps. Then creates the pod "docpod",
fetches its page through Traefik, says what to try, and stays until Ctrl-C, which ends everything. A process that ends by
itself is started again.

The first start builds programs from verified Go modules into a cache (about 10 minutes on two cores) and installs Debian
packages that are missing. A later start goes on with the state of the one before.

With --kubeconfig FILE an existing cluster is used instead, by its current context or --context NAME: nothing is built,
installed or run for Kubernetes, and nothing in that cluster is changed but one namespace (--namespace). No root is needed
then. docpod is left out unless --demo-image names an image that the cluster can get.

  --detach, -d   return when everything is up; npm stop ends it
  --no-demo      leave docpod out`,
  stop: `npm stop -- [--state FOLDER]

Ends everything that npm start started from this state folder, and takes away what that changed on the machine: processes,
mounts, network bridge, packet rules, control groups. The state stays. In an existing cluster pods go on.`,
  status: `npm run status -- [--state FOLDER] [--json]

Shows each part: health, process, since when it runs, ports, how often it ended by itself and was started again; for one
that is not well also why, and the last line of its log. The exit code is 0 when all parts are well.`,
  reset: `npm run reset -- [--state FOLDER]

Stops the platform and deletes its state: pods, events, databases, images in the registry, certificates. Programs and
built images in the cache stay. In an existing cluster it deletes what this platform made there: the namespace, or only its
own objects where the namespace was there before.`,
  prepare: `npm run prepare-machine

Brings everything that a start needs from the network: installs Debian packages that are missing, builds programs and
images into the cache. Starts nothing. Afterwards npm start works without a network.`,
};

const defaultOf = (name: (typeof settingNames)[number]): string => {
  const value = settingsSchema.shape[name].safeParse(undefined);
  return value.success && value.data !== undefined ? String(value.data) : 'none';
};

const settingLine = (name: (typeof settingNames)[number]): string => {
  const flag = `--${flagOf(name)}`.padEnd(26);
  const variable = variableOf(name).padEnd(28);
  // A path of this checkout says little.
  const fallback = name === 'identityFile' ? 'tools/dev-identity/identity.yaml' : defaultOf(name);
  return `  ${flag} ${variable} ${settingsSchema.shape[name].description ?? ''} (${fallback})`;
};

/** The help of a command. */
export const helpText = (command: Command): string => `${explanations[command]}

Settings, each as a flag or an environment variable, with its default. Those given to a start are remembered in its state
folder:
${settingNames.map(settingLine).join('\n')}

Programs and built images are kept in $PODS_CACHE, or in pods-service in $XDG_CACHE_HOME or ~/.cache.
`;
