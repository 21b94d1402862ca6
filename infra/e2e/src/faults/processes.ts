// Stops and ends processes of the platform together with those that they have started.
import { readdir, readFile } from 'node:fs/promises';
import { onTestFinished } from 'vitest';

/** Children of each process, by the process's id. */
async function childrenByParent(): Promise<ReadonlyMap<number, readonly number[]>> {
  const children = new Map<number, number[]>();
  for (const name of await readdir('/proc')) {
    const stat = /^\d+$/.test(name) ? await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '') : '';
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    if (stat !== '') children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  return children;
}

/** These processes, with all that they have started and those have started. */
export async function treesOf(roots: readonly number[]): Promise<readonly number[]> {
  const children = await childrenByParent();
  const found: number[] = [];
  const visit = (pid: number): void => {
    if (found.includes(pid)) return;
    found.push(pid);
    for (const child of children.get(pid) ?? []) visit(child);
  };
  for (const root of roots) visit(root);
  return found;
}

/** The processes that the platform with this id has started, wherever they are now. */
export async function processesOf(installationId: string): Promise<readonly number[]> {
  const mark = `PODS_INSTALLATION=${installationId}`;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const marked = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      return environment.split('\0').includes(mark);
    }),
  );
  return pids.filter((_, index) => marked[index] === true);
}

/** Sends a signal to each that is still there. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }
}

/** Halts a process and its children until the returned function is called, at the latest until the test is over. */
export async function halt(pid: number): Promise<() => void> {
  const pids = await treesOf([pid]);
  signalAll(pids, 'SIGSTOP');
  let isHalted = true;
  const goOn = (): void => {
    if (isHalted) signalAll(pids, 'SIGCONT');
    isHalted = false;
  };
  onTestFinished(goOn);
  return goOn;
}
