// How an existing cluster is, as an app of the platform gets to see it. Changes nothing.
import { connect } from '@pods/kube';
import { appKubeconfigFile } from '../../apps/apps.ts';
import type { Platform } from '../../platform.ts';

/** Throws while the API server is not ready, or does not take the credentials of the platform's apps. */
export const checkExistingCluster = async (platform: Platform, signal: AbortSignal): Promise<void> => {
  const connection = connect(appKubeconfigFile(platform, 'health'));
  const { body } = await connection.send({ method: 'GET', path: '/readyz', signal, accept: '*/*' });
  await body?.cancel();
};
