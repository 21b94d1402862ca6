// Whether the log is the one from which this installation's pods in the cluster were made. A log that is another one may
// know the same ids and runs, and say that they have ended: nothing that it says may reach the cluster. A log that was
// put back from a copy is the same one; what it has lost is noticed pod by pod (orphan-guard.ts).
import { createHash } from 'node:crypto';
import type { StreamIdentity } from '@pods/event-store';
import type { KubeClient } from '@pods/kube';
import { KubeError, labelKeys, labelValue, managedBy } from '@pods/kube';
import type { Logger, Need } from '@pods/service';
import { pause } from '@pods/service';
import type { ConfigMap } from './reconcile/pod/kinds.ts';

export interface LogBindingDeps {
  readonly kube: Pick<KubeClient, 'get' | 'create'>;
  readonly namespace: string;
  readonly installation: string;
  readonly site: string;
}

export type LogBinding =
  | { readonly kind: 'bound' }
  /** `message` says to an administrator what is wrong and what to do. */
  | { readonly kind: 'other-log'; readonly message: string };

/**
 * Compares the log with the note that the first spawner left in the cluster, or leaves that note.
 * @throws KubeError when the cluster cannot be asked
 */
export async function bindLog(log: StreamIdentity, deps: LogBindingDeps): Promise<LogBinding> {
  const name = noteName(log.stream, deps);
  const noted = (await deps.kube.get('ConfigMap', name)) ?? (await leaveNote(name, log, deps));
  const createdAt = noted?.data?.['createdAt'];
  if (createdAt === log.createdAt) return { kind: 'bound' };
  const message =
    `the pods in the namespace ${deps.namespace} were made from a log of ${createdAt ?? 'unknown age'}, but ${log.stream} on this ` +
    `nats-server is of ${log.createdAt}, so nothing is done. Is NATS_URL right? If this log is to be used from now on, ` +
    `delete the ConfigMap ${name} there`;
  return { kind: 'other-log', message };
}

async function leaveNote(
  name: string,
  log: StreamIdentity,
  { kube, installation, site }: LogBindingDeps,
): Promise<ConfigMap | undefined> {
  const labels = {
    [labelKeys.managedBy]: managedBy,
    [labelKeys.installation]: labelValue(installation),
    [labelKeys.site]: labelValue(site),
  };
  const data = { ...log, installation };
  try {
    return await kube.create('ConfigMap', { metadata: { name, labels }, data });
  } catch (error) {
    // Another spawner was faster.
    if (error instanceof KubeError && error.code === 'AlreadyExists') return kube.get('ConfigMap', name);
    throw error;
  }
}

/** Installations that share a namespace, and ids that are no names in Kubernetes, each have a name of their own. */
function noteName(stream: string, { installation, site }: LogBindingDeps): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([installation, site, stream]))
    .digest('hex');
  return `pods-log-${hash.slice(0, 12)}`;
}

export interface Binding {
  /** One attempt. */
  readonly bind: () => Promise<LogBinding>;
  readonly need: Need;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

const againMs = 15_000;

/** Resolves when the log is the right one; until then an administrator is told what is wrong. @throws the signal's reason */
export async function untilBound({ bind, need, logger, signal }: Binding): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    try {
      const bound = await bind();
      if (bound.kind === 'bound') {
        need.set(true);
        return;
      }
      need.set(false, bound.message);
      logger.error(
        { component: 'log-binding', reason: bound.message },
        'this is not the log that the pods were made from',
      );
    } catch (error) {
      need.set(false, 'whether this is the right log could not be found out yet');
      logger.warn({ component: 'log-binding', err: error }, 'the log and the note about it could not be compared');
    }
    await pause(againMs, signal);
  }
}
