// Writing a kubeconfig for one app: the same cluster, other credentials.
import { KubeConfig } from '@kubernetes/client-node';

/** Who signs in to the cluster of an existing kubeconfig, and where it works by default. */
export interface TokenUser {
  readonly name: string;
  readonly token: string;
  readonly namespace: string;
}

/**
 * The text of a kubeconfig (JSON, which is YAML) for the cluster of `kubeconfigFile`'s current context with a token
 * instead of that file's credentials. Holds a secret.
 */
export function kubeconfigWithToken(kubeconfigFile: string, user: TokenUser): string {
  const source = new KubeConfig();
  source.loadFromFile(kubeconfigFile);
  const cluster = source.getCurrentCluster();
  if (cluster === null)
    throw new Error(`${kubeconfigFile} has no current context: set one with kubectl config use-context`);
  const target = new KubeConfig();
  target.loadFromOptions({
    clusters: [cluster],
    users: [{ name: user.name, token: user.token }],
    contexts: [{ name: user.name, cluster: cluster.name, user: user.name, namespace: user.namespace }],
    currentContext: user.name,
  });
  return target.exportConfig();
}
