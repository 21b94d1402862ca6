import { identity } from '../apps/apps.ts';
// The first steps of a start with an existing cluster: nothing of Kubernetes is built, installed or run, and the cluster
// is looked at before anything is started.
import type { ExistingCluster } from '../cluster/existing/mark.ts';
import { reachWarning, tryServices } from '../cluster/existing/reach.ts';
import { readIdentity } from '../identity/identity-file.ts';
import { edge, ensureEdgePki } from '../parts/edge.ts';
import { nats } from '../parts/nats.ts';
import type { BasicPrograms } from '../parts/part.ts';
import { checkReachable, ensureSystemUser } from '../parts/postgres-programs.ts';
import { postgres } from '../parts/postgres.ts';
import { found, partStep, type Start } from './findings.ts';
import { checkMachine } from './machine.ts';
import { basicNeeds, ensurePackages } from './packages.ts';
import { ensureSomePrograms } from './programs.ts';
import type { Step, StepContext } from './step.ts';

const packages = async ({ platform }: Start, context: StepContext): Promise<string> => {
  const isRoot = process.getuid?.() === 0;
  const summary = isRoot ? await ensurePackages(context, basicNeeds) : 'none needed: everything runs as this user';
  await checkReachable(platform, await ensureSystemUser());
  return summary;
};

const preparations = (start: Start, existing: ExistingCluster): readonly Step[] => {
  const { platform, places, findings } = start;
  return [
    {
      id: 'machine',
      title: 'this machine',
      after: [],
      run: async () => await checkMachine(platform).then(() => 'nothing is in the way'),
    },
    {
      id: 'kubernetes',
      title: 'Kubernetes',
      after: ['machine'],
      run: async () => {
        const { context, version, server, namespace } = existing;
        findings.warning = reachWarning(await tryServices(existing), existing);
        return `existing, context ${context}: ${version} at ${server}, namespace ${namespace}`;
      },
    },
    {
      id: 'packages',
      title: 'Debian packages',
      after: ['kubernetes'],
      run: async (context) => await packages(start, context),
    },
    {
      id: 'programs',
      title: 'programs',
      after: ['packages'],
      run: async (context) => {
        const { paths, built, summary } = await ensureSomePrograms(['nats-server', 'traefik'], places, context);
        findings.basics = paths;
        findings.built = built;
        return summary;
      },
    },
    {
      id: 'certificates',
      title: 'certificates',
      after: ['kubernetes'],
      run: async () => {
        await ensureEdgePki(platform, await readIdentity(platform.settings), new Date());
        return 'an authority for the edge';
      },
    },
  ];
};

/** Everything up to the servers that apps need. */
export const existingClusterSteps = (start: Start, existing: ExistingCluster): readonly Step[] => {
  const { platform, findings } = start;
  const programs = (): BasicPrograms => found(findings.basics, 'programs');
  return [
    ...preparations(start, existing),
    partStep(platform, { part: nats, programs }, ['programs']),
    partStep(platform, { part: postgres, programs }, ['programs']),
    partStep(platform, { part: edge, programs }, ['programs', 'certificates']),
    partStep(platform, { part: identity, programs }, ['programs']),
  ];
};
