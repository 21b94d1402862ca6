// Makes sure that a platform can use an existing cluster, before anything is started and without changing the cluster.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, createKubeClient, KubeError } from '@pods/kube';
import { findMissingRights, readNamespaceState, type NamespaceState } from '@pods/provision';
import { METADATA_SERVICES } from '../../apps/metadata-services.ts';
import { putSecret } from '../../files/put-file.ts';
import type { Platform } from '../../platform.ts';
import { MachineError } from '../../steps/machine.ts';
import { hasOwnCluster, kubeconfigOf } from '../certificates.ts';
import { explainCluster, type Asked } from './explain.ts';
import { ownAddresses, rangeOf, readClusterFacts, type ClusterFacts } from './facts.ts';
import type { ChosenContext } from './kubeconfig.ts';
import { writeExistingCluster, type ExistingCluster } from './mark.ts';

const ANSWER_MS = 10_000;
const SHOWN = 8;

const OTHERWISE =
  'Use another state folder (--state FOLDER), or npm run reset first, which deletes the pods of this one.';

/** A platform stays with the kind of cluster that it was made with. @throws MachineError */
export const checkOwnCluster = ({ existing, folders }: Platform): void => {
  if (existing === undefined) return;
  throw new MachineError([
    `The pods of ${folders.state} are in the existing cluster of context ${existing.context}, at ${existing.server}, and no --kubeconfig FILE is given.`,
    OTHERWISE,
  ]);
};

/** What a candidate is compared with: the cluster that the state folder uses already. */
const checkSame = ({ existing, folders, settings }: Platform, server: string, { uid }: ClusterFacts): void => {
  if (existing === undefined) return;
  const isSame = uid === undefined || existing.uid === undefined ? server === existing.server : uid === existing.uid;
  if (!isSame)
    throw new MachineError([
      `The pods of ${folders.state} are in another cluster, that of context ${existing.context} at ${existing.server}.`,
      OTHERWISE,
    ]);
  if (settings.namespace !== existing.namespace)
    throw new MachineError([
      `The pods of ${folders.state} are in namespace ${existing.namespace}, not ${settings.namespace}: leave --namespace out.`,
      OTHERWISE,
    ]);
};

const checkNamespace = (namespace: string, { owner, foreign }: NamespaceState): void => {
  if (owner === 'ending')
    throw new MachineError([
      `The namespace ${namespace} is being deleted. Wait until it is gone, or choose another one with --namespace NAME.`,
    ]);
  if (foreign.length === 0) return;
  const more = foreign.length > SHOWN ? ` and ${foreign.length - SHOWN} more` : '';
  throw new MachineError([
    `The namespace ${namespace} belongs to another installation of the Pods Service: ${foreign.slice(0, SHOWN).join(', ')}${more}.`,
    'Choose another one with --namespace NAME.',
  ]);
};

const checkRights = (asked: Asked, missing: readonly string[]): void => {
  if (missing.length === 0) return;
  throw new MachineError([
    `The user of context ${asked.context} lacks rights in the cluster at ${asked.server}: ${missing.join(', ')}.`,
    'Ask its administrator for them, or choose another context with --context NAME.',
  ]);
};

/** Ends with the signal even where what it waits for does not listen to it, such as a program that gives out tokens. */
const within = async <T>(server: string, signal: AbortSignal, act: () => Promise<T>): Promise<T> => {
  const deadline = AbortSignal.timeout(ANSWER_MS);
  const over = Promise.withResolvers<never>();
  deadline.addEventListener('abort', () => {
    over.reject(new KubeError('Unavailable', `${server} gave no answer within ${ANSWER_MS / 1000} s`));
  });
  signal.addEventListener('abort', () => {
    over.reject(signal.reason);
  });
  return await Promise.race([act(), over.promise]);
};

const inspect = async (platform: Platform, kubeconfigFile: string, asked: Asked, signal: AbortSignal) => {
  const { namespace } = platform.settings;
  const connection = connect(kubeconfigFile);
  const kube = createKubeClient(connection, { namespace, fieldManager: 'pods-local' });
  const facts = await readClusterFacts(connection, signal);
  checkSame(platform, asked.server, facts);
  const namespaceIsMissing = (await kube.get('Namespace', namespace)) === undefined;
  checkRights(asked, await findMissingRights({ connection, namespace, namespaceIsMissing, signal }));
  checkNamespace(namespace, await readNamespaceState(kube, platform.installationId));
  return facts;
};

const markOf = ({ settings }: Platform, asked: Asked, facts: ClusterFacts): ExistingCluster => {
  const { version, uid, apiService, nodeAddresses } = facts;
  const edge = settings.edgeCidrs ?? [...new Set([...ownAddresses(), ...nodeAddresses])].map(rangeOf);
  return {
    ...asked,
    version,
    ...(uid === undefined ? {} : { uid }),
    namespace: settings.namespace,
    ...(apiService === undefined ? {} : { apiService }),
    edgeCidrs: [...edge],
    deniedCidrs: [...METADATA_SERVICES, ...(apiService === undefined ? [] : [rangeOf(apiService.address)])],
  };
};

/**
 * Checks that the chosen cluster is there, lets this user do what is needed, is the one that this platform used before,
 * and has a namespace for it; then keeps its kubeconfig and what was found in the state folder.
 * @throws MachineError that says what to do.
 */
export const useExistingCluster = async (
  platform: Platform,
  { context, server, text }: ChosenContext,
  signal: AbortSignal,
): Promise<Platform> => {
  const { folders } = platform;
  if (await hasOwnCluster(platform))
    throw new MachineError([
      `The state folder ${folders.state} has a Kubernetes of its own, with its pods in it: it cannot change to an existing cluster.`,
      OTHERWISE,
    ]);
  const asked = { context, server };
  const candidate = join(folders.pki, 'candidate.kubeconfig');
  await putSecret(candidate, text);
  try {
    const facts = await within(server, signal, async () => await inspect(platform, candidate, asked, signal));
    const existing = markOf(platform, asked, facts);
    // First what is needed to take back what will be made in the cluster, then the mark that there may be something.
    await putSecret(kubeconfigOf(platform, 'admin'), text);
    await writeExistingCluster(folders.state, existing);
    return { ...platform, existing };
  } catch (error) {
    throw explainCluster(asked, error);
  } finally {
    await rm(candidate, { force: true });
  }
};
