// Facts about the machine a run was made on: without them no number can be judged.
import { arch, availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';

export interface MachineFacts {
  readonly cpu: string;
  readonly cpus: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  /** The load of the last minute before the run: work of others makes numbers worse. */
  readonly loadBefore: number;
}

export function machineFacts(): MachineFacts {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cpus: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()} ${arch()}`,
    node: process.version,
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}
