// Every Pod object that ever stood in the cluster while this looked on: two of one run would be gone again at the end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { PlatformInfo } from '@pods/testing';

export interface PodsSeen {
  /** UIDs of the Pod objects of each run, by `<pod id> incarnation <n> run <n>`. */
  readonly byRun: () => ReadonlyMap<string, ReadonlySet<string>>;
  readonly stop: () => Promise<void>;
}

const label = (name: string): string => `{.metadata.labels.pods\\.local/${name}}`;
const line = `{.metadata.uid} ${label('pod')} incarnation ${label('incarnation')} run ${label('run')}{"\\n"}`;

/** Watches from now on. */
export function watchPodObjects({ kubectl, kubeconfigFile, namespace }: PlatformInfo): PodsSeen {
  const [program = '', ...first] = kubectl;
  const args = [
    ...first,
    '--kubeconfig',
    kubeconfigFile,
    '-n',
    namespace,
    'get',
    'pods',
    '--watch',
    '-o',
    `jsonpath=${line}`,
  ];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const seen = new Map<string, Set<string>>();
  createInterface(child.stdout).on('line', (text) => {
    const [uid = '', ...run] = text.split(' ');
    const name = run.join(' ');
    seen.set(name, (seen.get(name) ?? new Set()).add(uid));
  });
  const ended = once(child, 'exit');
  return {
    byRun: () => seen,
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}
