// The steps of a start: which there are, in which order they are shown, and which need which.
import type { BuiltImage } from '@pods/images';
import { apps, identity as identityPart } from '../apps/apps.ts';
import { ensureClusterPki } from '../cluster/certificates.ts';
import { bringClusterUp } from '../cluster/up.ts';
import { readIdentity } from '../identity/identity-file.ts';
import { keeper } from '../keeper/part.ts';
import { edge, ensureEdgePki } from '../parts/edge.ts';
import { nats } from '../parts/nats.ts';
import { startPart, type Part, type Programs } from '../parts/part.ts';
import { checkReachable, ensureSystemUser } from '../parts/postgres-programs.ts';
import { postgres } from '../parts/postgres.ts';
import { registry } from '../parts/registry.ts';
import type { Platform } from '../platform.ts';
import type { ProgramName } from '../programs/catalogue.ts';
import type { ProgramPlaces } from '../programs/places.ts';
import { waitForAddresses } from './addresses.ts';
import { buildImages, pushImages } from './images.ts';
import { checkMachine } from './machine.ts';
import { ensurePackages, locatePackagePrograms } from './packages.ts';
import { ensurePrograms } from './programs.ts';
import { provision } from './provision.ts';
import type { Step, StepContext } from './step.ts';

/** What the steps found out, for those who come after them. */
export type Findings = { programs?: Programs; built?: readonly ProgramName[]; images?: readonly BuiltImage[] };

const found = <T>(value: T | undefined, what: string): T => {
  if (value === undefined) throw new Error(`${what}: asked for before its step was done`);
  return value;
};

const describePorts = (platform: Platform, part: Part): string => {
  const [port] = part.ports(platform);
  if (part === keeper) return 'starts again what ends by itself';
  return port === undefined ? 'ready' : `ready on 127.0.0.1:${port}`;
};

/** What the steps work with. */
type Start = { readonly platform: Platform; readonly places: ProgramPlaces; readonly findings: Findings };

const certificates = async (platform: Platform): Promise<string> => {
  const now = new Date();
  await ensureClusterPki(platform, now);
  await ensureEdgePki(platform, await readIdentity(platform.settings), now);
  return 'one authority for the cluster, one for the edge';
};

/** What has to be there before anything can be started. */
const preparations = ({ platform, places, findings }: Start): readonly Step[] => [
  {
    id: 'machine',
    title: 'this machine',
    after: [],
    run: async () => await checkMachine(platform).then(() => 'nothing is in the way'),
  },
  {
    id: 'packages',
    title: 'Debian packages',
    after: ['machine'],
    run: async (context) => {
      const summary = await ensurePackages(context);
      // Now, and not when Postgres starts: that may be after ten minutes of building.
      await checkReachable(platform, await ensureSystemUser());
      return summary;
    },
  },
  {
    id: 'programs',
    title: 'programs',
    after: ['packages'],
    run: async (context) => {
      const { paths, built, summary } = await ensurePrograms(places, context);
      findings.programs = { ...paths, ...(await locatePackagePrograms()) };
      findings.built = built;
      return summary;
    },
  },
  {
    id: 'certificates',
    title: 'certificates',
    after: ['machine'],
    run: async () => await certificates(platform),
  },
];

const imageSteps = ({ platform, places, findings }: Start): readonly Step[] => [
  {
    id: 'images',
    title: 'images',
    after: ['programs'],
    run: async (context) => {
      const { images, summary } = await buildImages(places.cacheFolder, context);
      findings.images = images;
      return summary;
    },
  },
  {
    id: 'push',
    title: 'images to registry',
    after: ['images', 'registry'],
    run: async (context) => await pushImages(platform, found(findings.images, 'images'), context),
  },
];

/** The steps that bring a platform up. They fill in the findings. */
export const stepsOf = (platform: Platform, places: ProgramPlaces, findings: Findings): readonly Step[] => {
  const start = { platform, places, findings };
  const programs = (): Programs => found(findings.programs, 'programs');
  const partStep = (part: Part, after: readonly string[]): Step => ({
    id: part.name,
    title: part.title,
    after,
    run: async ({ signal }) => {
      await startPart(platform, part, programs(), signal);
      return describePorts(platform, part);
    },
  });
  const kubernetes = async ({ signal, report }: StepContext): Promise<string> => {
    await bringClusterUp(platform, programs(), signal, report);
    return `one node, API server on 127.0.0.1:${platform.settings.ports.kubernetes}`;
  };
  const afterServers = ['nats', 'postgres', 'kubernetes'];
  const steps: readonly Step[] = [
    ...preparations(start),
    partStep(nats, ['programs']),
    partStep(postgres, ['programs']),
    { id: 'kubernetes', title: 'Kubernetes', after: ['programs', 'certificates'], run: kubernetes },
    partStep(registry, ['programs']),
    ...imageSteps(start),
    partStep(edge, ['programs', 'certificates']),
    partStep(identityPart, ['programs']),
    { id: 'provision', title: 'what apps need', after: afterServers, run: async () => await provision(platform) },
    ...apps.map((app) => partStep(app, ['provision', 'identity'])),
    {
      id: 'addresses',
      title: 'addresses',
      after: [edge.name, ...apps.map((app) => app.name)],
      run: async ({ signal }) => await waitForAddresses(platform, signal),
    },
  ];
  // The keeper must not see the platform before nothing of it is started or replaced any more.
  return [
    ...steps,
    partStep(
      keeper,
      steps.map(({ id }) => id),
    ),
  ];
};
