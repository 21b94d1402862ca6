// Takes one context out of somebody's kubeconfig, as a kubeconfig that needs no other file. Connects to nothing.
import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { SettingsError } from '../../settings/settings.ts';

const listOf = <T extends z.ZodType>(entry: T) =>
  z
    .array(entry)
    .nullish()
    .transform((list) => list ?? []);

const clusterSchema = z.looseObject({
  server: z.url(),
  'certificate-authority': z.string().optional(),
  'certificate-authority-data': z.string().optional(),
  'proxy-url': z.string().optional(),
});

const userSchema = z.looseObject({
  'client-certificate': z.string().optional(),
  'client-key': z.string().optional(),
  tokenFile: z.string().optional(),
  token: z.string().optional(),
  exec: z.looseObject({ command: z.string() }).nullish(),
});

const contextSchema = z.looseObject({ cluster: z.string(), user: z.string().optional() });

const configSchema = z.looseObject({
  clusters: listOf(z.looseObject({ name: z.string(), cluster: clusterSchema })),
  users: listOf(z.looseObject({ name: z.string(), user: userSchema.nullish() })),
  contexts: listOf(z.looseObject({ name: z.string(), context: contextSchema })),
  'current-context': z.string().nullish(),
});

type Config = z.infer<typeof configSchema>;
type Cluster = z.infer<typeof clusterSchema>;
type User = z.infer<typeof userSchema>;

/** Which kubeconfig and which context of it. */
export type KubeconfigChoice = { readonly file: string; readonly context: string | undefined };

/** One context. `text` is a kubeconfig with nothing else in it, and holds secrets. */
export type ChosenContext = { readonly context: string; readonly server: string; readonly text: string };

const reasonOf = (error: unknown): string =>
  error instanceof Error ? (error.message.split('\n')[0] ?? '').replace(/:$/, '') : String(error);

const fileReasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a folder',
};

const fileReasonOf = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return fileReasons[code] ?? reasonOf(error);
};

const read = async (file: string): Promise<Config> => {
  let content: string;
  try {
    content = await readFile(file, 'utf8');
  } catch (error) {
    throw new SettingsError([
      `The kubeconfig ${file} cannot be read: ${fileReasonOf(error)}. Correct --kubeconfig FILE.`,
    ]);
  }
  try {
    return configSchema.parse(parse(content));
  } catch (error) {
    // The text itself may hold secrets, and a YAML error quotes it after its first line.
    const [issue] = error instanceof z.ZodError ? error.issues : [];
    const why = issue === undefined ? reasonOf(error) : [...issue.path.map(String), issue.message].join(': ');
    throw new SettingsError([
      `${file} is no kubeconfig (${why}). "kubectl config view --kubeconfig FILE" shows what is in one.`,
    ]);
  }
};

const chooseContext = ({ contexts, 'current-context': current }: Config, { file, context }: KubeconfigChoice) => {
  const known = contexts.map(({ name }) => name).join(', ');
  const there = known === '' ? 'It has none.' : `It has: ${known}.`;
  if (context === undefined && (current ?? '') === '')
    throw new SettingsError([`${file} has no current context: name one with --context NAME. ${there}`]);
  const name = context ?? current;
  const found = contexts.find((one) => one.name === name);
  if (found === undefined) throw new SettingsError([`${file} has no context "${name}": correct --context. ${there}`]);
  return found;
};

const named = <T extends { readonly name: string }>(list: readonly T[], name: string | undefined, what: string): T => {
  const found = list.find((one) => one.name === name);
  if (found === undefined)
    throw new SettingsError([`${what}${name === undefined ? '' : `, ${name}, which is missing`}`]);
  return found;
};

/** Content of a file that the kubeconfig names, from the kubeconfig's own folder on. */
const contentOf = async (file: string, folder: string): Promise<Buffer> => {
  try {
    return await readFile(resolve(folder, file));
  } catch (error) {
    throw new SettingsError([
      `The kubeconfig names ${resolve(folder, file)}, which cannot be read: ${fileReasonOf(error)}.`,
    ]);
  }
};

const inline = async (part: Readonly<Record<string, unknown>>, keys: readonly string[], folder: string) => {
  const files = keys.filter((key) => typeof part[key] === 'string' && part[key] !== '');
  const rest = Object.entries(part).filter(([key]) => !keys.includes(key));
  const data = await Promise.all(
    files.map(async (key) => [`${key}-data`, (await contentOf(String(part[key]), folder)).toString('base64')] as const),
  );
  return Object.fromEntries<unknown>([...rest, ...data]);
};

const completeCluster = async (cluster: Cluster, folder: string, file: string): Promise<object> => {
  if (cluster['proxy-url']?.startsWith('socks') === true)
    throw new SettingsError([
      `${file} reaches its cluster through a SOCKS proxy, which is not supported: use an HTTP one.`,
    ]);
  return await inline(cluster, ['certificate-authority'], folder);
};

/** What our client would leave out without a word. */
const UNSUPPORTED = ['as-uid', 'as-groups', 'as-user-extra'];

const completeUser = async (user: User, folder: string, file: string): Promise<object> => {
  const unsupported = UNSUPPORTED.filter((key) => user[key] !== undefined);
  if (unsupported.length > 0)
    throw new SettingsError([
      `${file} has a user with ${unsupported.join(', ')}, which is not supported: use another one.`,
    ]);
  const { tokenFile, exec, ...rest } = await inline(user, ['client-certificate', 'client-key'], folder).then((all) =>
    userSchema.parse(all),
  );
  const token = tokenFile === undefined ? undefined : (await contentOf(tokenFile, folder)).toString('utf8').trim();
  // A command with a slash is a path from the kubeconfig's folder on, one without is looked for on PATH.
  const command = exec?.command ?? '';
  const program = command.includes('/') && !isAbsolute(command) ? join(folder, command) : command;
  return {
    ...rest,
    ...(token === undefined ? {} : { token }),
    ...(exec === null || exec === undefined ? {} : { exec: { ...exec, command: program } }),
  };
};

/**
 * Reads a kubeconfig and takes one context out of it: the current one unless another is named. Files that it names are
 * taken in; a program that gives out credentials stays a program.
 * @throws SettingsError that says what to correct, and which contexts there are.
 */
export const chooseKubeconfig = async (choice: KubeconfigChoice): Promise<ChosenContext> => {
  const { file } = choice;
  const folder = dirname(resolve(file));
  const config = await read(file);
  const { name, context } = chooseContext(config, choice);
  const where = `The context ${name} of ${file}`;
  const { cluster } = named(config.clusters, context.cluster, `${where} leads to a cluster`);
  const user = named(config.users, context.user, `${where} has no user, or one`);
  const chosen = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: context.cluster, cluster: await completeCluster(cluster, folder, file) }],
    users: [{ name: user.name, user: await completeUser(user.user ?? {}, folder, file) }],
    contexts: [{ name, context: { cluster: context.cluster, user: user.name } }],
    'current-context': name,
  };
  return { context: name, server: cluster.server, text: stringify(chosen) };
};
