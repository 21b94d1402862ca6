// The kubeconfig with which one app signs in.
//
// Its token comes from the TokenRequest API, valid for a year and asked for anew at each provisioning. The other way, a
// Secret of the type service-account-token, never expires, lies readable in the cluster, and is filled in by a
// controller that has to be waited for.
import { connect, createKubeClient, kubeconfigWithToken } from '@pods/kube';
import type { KubernetesSettings } from './provision-kubernetes.ts';
import type { KubernetesApp } from './roles.ts';
import { accountName } from './roles.ts';

export interface AppKubeconfigRequest extends KubernetesSettings {
  readonly app: KubernetesApp;
  /** How long the token is valid; the API server may shorten it. */
  readonly validSeconds?: number;
}

const yearSeconds = 365 * 24 * 3600;

/**
 * The text of a kubeconfig for an app's account. Holds a secret: keep it in a file that only the app can read.
 * @throws KubeError `NotFound` before `provisionKubernetes` has run.
 */
export async function createAppKubeconfig(request: AppKubeconfigRequest): Promise<string> {
  const { kubeconfigFile, namespace, app, validSeconds = yearSeconds } = request;
  const kube = createKubeClient(connect(kubeconfigFile), { namespace, fieldManager: 'pods-provision' });
  const answer = await kube.subresource({
    kind: 'ServiceAccount',
    name: accountName(app),
    subresource: 'token',
    method: 'POST',
    body: {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: validSeconds },
    },
  });
  return kubeconfigWithToken(kubeconfigFile, { name: accountName(app), token: tokenOf(answer), namespace });
}

function tokenOf(answer: unknown): string {
  const status: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'status') : undefined;
  const token: unknown = typeof status === 'object' && status !== null ? Reflect.get(status, 'token') : undefined;
  if (typeof token !== 'string') throw new Error('the API server answered a token request without a token');
  return token;
}
