// One real nats-server with JetStream on a store of its own, synced to disk at every write as in production.
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import type { Guard, GuardedProcess } from './start-guard.ts';

export interface NatsServer {
  readonly url: string;
  /** Sends the signal and waits until the server has ended. Its store stays. */
  readonly kill: (signal: 'SIGKILL' | 'SIGTERM') => Promise<void>;
  /** Starts it again on the same store and port. */
  readonly restart: (options?: NatsServerOptions) => Promise<void>;
}

export interface NatsServerOptions {
  /** False for filling a store faster than production would; true unless told. */
  readonly isSynced?: boolean;
}

/** Where a server keeps its store: in the guard's folder unless told. */
export interface NatsServerPlace {
  readonly storeFolder?: string;
}

/** Starts the server and waits until it answers. `extraConfig` is appended to its configuration file. */
export async function startNatsServer(
  guard: Guard,
  program: string,
  extraConfig = '',
  options: NatsServerOptions & NatsServerPlace = {},
): Promise<NatsServer> {
  const { storeFolder = guard.folder } = options;
  const configFor = ({ isSynced = true }: NatsServerOptions): string => {
    const sync = isSynced ? ', sync_interval: always' : '';
    // The default is what the disk has room for, and streams take their sizes from it beforehand.
    return [`jetstream { store_dir: "${storeFolder}", max_file: 64GB${sync} }`, extraConfig].join('\n');
  };
  let running = await run(guard, program, configFor(options), -1);
  const port = await eventually(async () => {
    await running.assertRunning();
    return readPort(join(guard.folder, `nats-server_${running.pid}.ports`));
  });
  await untilGreeted(running, port);
  return {
    url: `nats://127.0.0.1:${port}`,
    kill: async (signal) => running.kill(signal),
    restart: async (again = {}) => {
      running = await run(guard, program, configFor(again), port);
      await untilGreeted(running, port);
    },
  };
}

/** @param port -1: any free one. */
async function run(guard: Guard, program: string, moreConfig: string, port: number): Promise<GuardedProcess> {
  const config = join(guard.folder, 'nats.conf');
  const lines = [`listen: "127.0.0.1:${port}"`, `ports_file_dir: "${guard.folder}"`, moreConfig];
  await writeFile(config, `${lines.join('\n')}\n`);
  return guard.start({ name: 'nats-server', command: program, args: ['--config', config] });
}

async function readPort(file: string): Promise<number> {
  const url = /"nats:\/\/127\.0\.0\.1:(?<port>\d+)"/.exec(await readFile(file, 'utf8'));
  if (url?.groups?.['port'] === undefined) throw new Error(`no port in ${file}`);
  return Number(url.groups['port']);
}

/** Waits until the server serves: it greets every connection with an INFO line then. */
export async function untilGreeted(
  running: Pick<GuardedProcess, 'assertRunning'>,
  port: number,
  host = '127.0.0.1',
): Promise<void> {
  await eventually(async () => {
    await running.assertRunning();
    return greets(port, host);
  });
}

function greets(port: number, host: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host);
    socket.on('error', reject);
    // A container's port is there before anybody listens inside.
    socket.on('close', () => resolve(false));
    socket.once('data', (data) => {
      resolve(data.toString().startsWith('INFO '));
      socket.destroy();
    });
  });
}
