// What the distribution's package manager has to bring. Asks nobody, but says what it does.
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { attempt, run } from '../process/run.ts';
import { MachineError } from './machine.ts';
import type { StepContext } from './step.ts';

type Needed = { readonly file: string; readonly package: string };

const CNI_FOLDER = '/usr/lib/cni';

/** A program by its name, or a file by its path, and the Debian package that holds it. */
const needed: readonly Needed[] = [
  { file: 'containerd', package: 'containerd' },
  { file: 'ctr', package: 'containerd' },
  { file: 'runc', package: 'runc' },
  { file: join(CNI_FOLDER, 'bridge'), package: 'containernetworking-plugins' },
  { file: join(CNI_FOLDER, 'host-local'), package: 'containernetworking-plugins' },
  { file: 'nft', package: 'nftables' },
  { file: 'ip', package: 'iproute2' },
  { file: 'useradd', package: 'passwd' },
  { file: '/etc/ssl/certs/ca-certificates.crt', package: 'ca-certificates' },
];

/** What is needed where nothing of Kubernetes is run: a user for Postgres, and whom to trust when programs are built. */
export const basicNeeds: readonly Needed[] = needed.filter(({ package: name }) =>
  ['passwd', 'ca-certificates'].includes(name),
);

const isThere = async (file: string, mode: number): Promise<boolean> =>
  await access(file, mode).then(
    () => true,
    () => false,
  );

const findOnPath = async (name: string): Promise<string | undefined> => {
  for (const folder of (process.env['PATH'] ?? '').split(':')) {
    if (folder !== '' && (await isThere(join(folder, name), constants.X_OK))) return join(folder, name);
  }
  return undefined;
};

const isPresent = async ({ file }: Needed): Promise<boolean> =>
  file.startsWith('/') ? await isThere(file, constants.R_OK) : (await findOnPath(file)) !== undefined;

const missingPackages = async (wanted: readonly Needed[]): Promise<readonly string[]> => {
  const present = await Promise.all(wanted.map(isPresent));
  return [...new Set(wanted.filter((_, index) => present[index] !== true).map((one) => one.package))];
};

const APT_OPTIONS = ['-y', '-o', 'DPkg::Lock::Timeout=300', '--no-install-recommends'];
const APT_TIMEOUT_MS = 15 * 60_000;

const apt = async (args: readonly string[], signal: AbortSignal): Promise<string> =>
  await run('apt-get', args, { env: { DEBIAN_FRONTEND: 'noninteractive' }, timeoutMs: APT_TIMEOUT_MS, signal });

/** Installs the packages that are missing. @throws MachineError where there is no apt-get. */
export const ensurePackages = async (
  { signal, report }: StepContext,
  wanted: readonly Needed[] = needed,
): Promise<string> => {
  const missing = await missingPackages(wanted);
  if (missing.length === 0) return 'everything is installed';
  if (!(await attempt('apt-get', ['--version']))) {
    throw new MachineError([
      `These packages are missing, and there is no apt-get to install them: ${missing.join(' ')}`,
    ]);
  }
  report(`installing with apt-get: ${missing.join(' ')}`);
  const install = async (): Promise<string> => await apt(['install', ...APT_OPTIONS, ...missing], signal);
  try {
    await install();
  } catch {
    signal.throwIfAborted();
    // The lists of packages are missing or old.
    report('fetching the lists of packages (apt-get update)');
    await apt(['update'], signal);
    report(`installing with apt-get: ${missing.join(' ')}`);
    await install();
  }
  const left = await missingPackages(wanted);
  if (left.length > 0)
    throw new MachineError([
      `apt-get installed ${missing.join(' ')}, but what they should bring is not there: ${left.join(' ')}`,
    ]);
  return `installed ${missing.join(' ')}`;
};

/** Paths of what the packages brought. */
export type PackagePrograms = {
  readonly containerd: string;
  readonly ctr: string;
  readonly runc: string;
  readonly cniPlugins: string;
};

/** Where the packages put what the cluster needs. */
export const locatePackagePrograms = async (): Promise<PackagePrograms> => {
  const [containerd, ctr, runc] = await Promise.all(['containerd', 'ctr', 'runc'].map(findOnPath));
  if (containerd === undefined || ctr === undefined || runc === undefined)
    throw new Error('containerd or runc is not on PATH');
  return { containerd, ctr, runc, cniPlugins: CNI_FOLDER };
};
