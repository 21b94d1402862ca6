// A process that dies after so many writes to cluster and log: the last one is carried out, and nobody is told.
import type { SpawnerDeps } from '../app.ts';
import type { SpawnerChanges } from './bench.ts';

export interface Killing {
  readonly changes: SpawnerChanges;
  /** Resolves when the last write was carried out. */
  readonly reached: Promise<void>;
  /** The writes so far, by what they do: `Create Pod`, `OpenRun`. */
  readonly writes: readonly string[];
}

/** Nothing gets through after `writes` of them. */
export function killedAfter(writes: number): Killing {
  const reached = Promise.withResolvers<void>();
  const made: string[] = [];
  const counted = async <T>(what: string, write: () => Promise<T>): Promise<T> => {
    if (made.length >= writes) throw new Error('killed');
    made.push(what);
    const isLast = made.length === writes;
    const written = await write();
    if (!isLast) return written;
    reached.resolve();
    throw new Error('killed');
  };
  const around = ({ kube, record }: Pick<SpawnerDeps, 'kube' | 'record'>): Pick<SpawnerDeps, 'kube' | 'record'> => ({
    record: (...given) => counted(given[2].type, () => record(...given)),
    kube: {
      get: kube.get,
      create: (...given) => counted(`Create ${given[0]}`, () => kube.create(...given)),
      apply: (...given) => counted(`Apply ${given[0]}`, () => kube.apply(...given)),
      delete: (...given) => counted(`Delete ${given[0]}`, () => kube.delete(...given)),
    },
  });
  return { reached: reached.promise, writes: made, changes: { around } };
}
