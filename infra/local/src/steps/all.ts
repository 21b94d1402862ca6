// The steps of a start: which there are, in which order they are shown, and which need which.
import { apps, identity as identityPart } from '../apps/apps.ts';
import { ensureClusterPki } from '../cluster/certificates.ts';
import { bringClusterUp } from '../cluster/up.ts';
import { readIdentity } from '../identity/identity-file.ts';
import { keeper } from '../keeper/part.ts';
import { edge, ensureEdgePki } from '../parts/edge.ts';
import { nats } from '../parts/nats.ts';
import type { Programs } from '../parts/part.ts';
import { checkReachable, ensureSystemUser } from '../parts/postgres-programs.ts';
import { postgres } from '../parts/postgres.ts';
import { registry } from '../parts/registry.ts';
import type { Platform } from '../platform.ts';
import type { ProgramPlaces } from '../programs/places.ts';
import { waitForAddresses } from './addresses.ts';
import { existingClusterSteps } from './existing-cluster.ts';
import { found, partStep, type Findings, type Start } from './findings.ts';
import { buildImages, pushImages } from './images.ts';
import { checkMachine } from './machine.ts';
import { ensurePackages, locatePackagePrograms } from './packages.ts';
import { ensurePrograms } from './programs.ts';
import { provision } from './provision.ts';
import type { Step, StepContext } from './step.ts';

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

/** With a cluster of our own, everything up to the servers that apps need. */
const ownClusterSteps = (start: Start): readonly Step[] => {
  const { platform, findings } = start;
  const programs = (): Programs => found(findings.programs, 'programs');
  const kubernetes = async ({ signal, report }: StepContext): Promise<string> => {
    await bringClusterUp(platform, programs(), signal, report);
    return `one node, API server on 127.0.0.1:${platform.settings.ports.kubernetes}`;
  };
  return [
    ...preparations(start),
    partStep(platform, { part: nats, programs }, ['programs']),
    partStep(platform, { part: postgres, programs }, ['programs']),
    { id: 'kubernetes', title: 'Kubernetes', after: ['programs', 'certificates'], run: kubernetes },
    partStep(platform, { part: registry, programs }, ['programs']),
    ...imageSteps(start),
    partStep(platform, { part: edge, programs }, ['programs', 'certificates']),
    partStep(platform, { part: identityPart, programs }, ['programs']),
  ];
};

/** What an app or the keeper is started with besides Node. */
const noPrograms = (): undefined => undefined;

const appSteps = (platform: Platform): readonly Step[] => [
  {
    id: 'provision',
    title: 'what apps need',
    after: [nats.name, postgres.name, 'kubernetes'],
    run: async () => await provision(platform),
  },
  ...apps.map((part) => partStep(platform, { part, programs: noPrograms }, ['provision', identityPart.name])),
  {
    id: 'addresses',
    title: 'addresses',
    after: [edge.name, ...apps.map((app) => app.name)],
    run: async ({ signal }) => await waitForAddresses(platform, signal),
  },
];

/** The steps that bring a platform up. They fill in the findings. */
export const stepsOf = (platform: Platform, places: ProgramPlaces, findings: Findings): readonly Step[] => {
  const start = { platform, places, findings };
  const { existing } = platform;
  const servers = existing === undefined ? ownClusterSteps(start) : existingClusterSteps(start, existing);
  const steps = [...servers, ...appSteps(platform)];
  // The keeper must not see the platform before nothing of it is started or replaced any more.
  const last = partStep(
    platform,
    { part: keeper, programs: noPrograms },
    steps.map(({ id }) => id),
  );
  return [...steps, last];
};
