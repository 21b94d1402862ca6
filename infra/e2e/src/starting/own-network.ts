// A network and a control group of their own for one spec, as a machine on which nothing of ours runs.
import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';

const program = fileURLToPath(new URL('../../../local/src/main.ts', import.meta.url));

export interface OwnNetwork {
  /** An empty folder of this network; removed with it. */
  readonly folder: string;
  readonly stateFolder: string;
  /** What to put before a command so that it runs in this network. */
  readonly enter: readonly [program: string, ...args: string[]];
  /** Runs a command of the local platform on `stateFolder`; environment variables on top of this process's. */
  readonly run: (args: readonly string[], env?: Readonly<Record<string, string>>) => ReturnType<typeof runIn>;
}

function runIn(enter: OwnNetwork['enter'], args: readonly string[], env: Readonly<Record<string, string>>) {
  const [nsenter, ...first] = enter;
  return execa(nsenter, [...first, process.execPath, program, ...args], {
    all: true,
    reject: false,
    env,
    timeout: 120_000,
  });
}

/** Makes one, and takes it away with everything in it when the test is over. */
export async function ownNetwork(): Promise<OwnNetwork> {
  const name = `pods-${randomUUID().slice(0, 8)}`;
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  // Postgres runs as another user, who has to get through.
  await chmod(folder, 0o711);
  const stateFolder = join(folder, 'state');
  // Unlike "ip netns exec", nsenter leaves the control groups in sight.
  const enter = ['nsenter', `--net=/run/netns/${name}`] as const;
  const run: OwnNetwork['run'] = (args, env = {}) =>
    runIn([...enter], [...args, '--state', stateFolder], { PODS_CGROUP: name, ...env });
  await execa('ip', ['netns', 'add', name]);
  onTestFinished(async () => {
    const { exitCode, all } = await run(['reset']);
    if (exitCode !== 0) throw new Error(`the platform in ${stateFolder} could not be removed:\n${all}`);
    await execa('ip', ['netns', 'del', name]);
    await rm(folder, { recursive: true });
  });
  await execa('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
  return { folder, stateFolder, enter: [...enter], run };
}
