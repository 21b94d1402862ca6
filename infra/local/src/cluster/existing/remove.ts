// Takes away what a platform made in an existing cluster, and says what that was.
import { installationSelector, labelKeys, labelValue } from '@pods/kube';
import { removeFromKubernetes } from '@pods/provision';
import type { Platform } from '../../platform.ts';
import { DeadlineError, until } from '../../process/until.ts';
import { MachineError } from '../../steps/machine.ts';
import { kubeconfigOf } from '../certificates.ts';
import { explainCluster } from './explain.ts';
import type { ExistingCluster } from './mark.ts';

/** Pods may take their time to end, and a namespace ends after all that is in it. */
const GONE_MS = 120_000;

const byHand = ({ installationId, folders }: Platform, { namespace }: ExistingCluster): readonly string[] => [
  'Nothing was deleted. When the cluster can be asked again, npm run reset finishes. By hand, with a context of that cluster:',
  `  kubectl delete namespaces -l ${labelKeys.installation}=${labelValue(installationId)}`,
  `  kubectl -n ${namespace} delete pods,services,configmaps,secrets,networkpolicies -l ${installationSelector(installationId)}`,
  `  kubectl -n ${namespace} delete serviceaccounts,roles,rolebindings -l ${labelKeys.installation}=${labelValue(installationId)}`,
  `If the cluster is gone for good: rm -r ${folders.state}`,
];

/**
 * Deletes the namespace if this platform made it, else its own objects in it, and waits until they are gone. The
 * platform's processes have to have ended.
 * @throws MachineError when the cluster cannot be asked, or takes too long.
 */
export const removeFromCluster = async (platform: Platform, report: (text: string) => void): Promise<void> => {
  const { existing, installationId } = platform;
  if (existing === undefined) return;
  const { namespace, context } = existing;
  const settings = { kubeconfigFile: kubeconfigOf(platform, 'admin'), namespace, installation: installationId };
  report(`taking away what is in namespace ${namespace} of the cluster of context ${context}`);
  const first = await removeFromKubernetes(settings).catch((error: unknown) => {
    const explained = explainCluster(existing, error);
    throw explained instanceof MachineError
      ? new MachineError([explained.message, ...byHand(platform, existing)])
      : explained;
  });
  const gone = async (): Promise<void> => {
    const { left } = await removeFromKubernetes(settings);
    if (left.length > 0) throw new Error(`there are still ${left.slice(0, 5).join(', ')}`);
  };
  try {
    await until(gone, { what: `the end of what is in namespace ${namespace}`, deadlineMs: GONE_MS, intervalMs: 250 });
  } catch (error) {
    if (!(error instanceof DeadlineError)) throw error;
    throw new MachineError([`${error.message}.`, 'The state is kept: npm run reset goes on with it.']);
  }
  report(
    first.namespace === 'deleted'
      ? `gone from the cluster: namespace ${namespace} with all that was in it`
      : `gone from the cluster: ${first.left.length} objects in namespace ${namespace}, which stays because it was not made here`,
  );
};
