// A nats-server for one spec alone, which may be killed and started again.
import { inject } from 'vitest';
import { type NatsServer, startNatsServer } from './servers/nats-server.ts';
import { type SmallDisk, mountSmallDisk } from './servers/small-disk.ts';
import { type Guard, startGuard } from './servers/start-guard.ts';

export interface NatsServerFixture extends NatsServer {
  /** Ends the server and removes its store. */
  readonly stop: () => Promise<void>;
}

/** Starts a nats-server on a store of its own. `extraConfig` is appended to its configuration file. */
export async function natsServerFixture(extraConfig = ''): Promise<NatsServerFixture> {
  const source = inject('natsSource');
  if (source.kind === 'image') {
    const { startNatsContainer } = await import('./containers/nats-container.ts');
    return await startNatsContainer(source.run, source.image, extraConfig);
  }
  return await guarded(async (guard) => {
    const server = await startNatsServer(guard, source.program, extraConfig);
    return { ...server, stop: guard.stop };
  });
}

/** A nats-server whose store is on a disk of its own that a spec may fill. */
export interface NatsOnSmallDisk extends NatsServerFixture {
  readonly disk: SmallDisk;
}

/** Whether this run can give a nats-server a small disk: it takes root, and a server that is a process. */
export const canMountDisks = (): boolean => process.getuid?.() === 0 && inject('natsSource').kind === 'program';

/** Starts a nats-server like `natsServerFixture`, on a disk of this many bytes. Only where `canMountDisks()`. */
export async function natsOnSmallDisk(sizeBytes: number, extraConfig = ''): Promise<NatsOnSmallDisk> {
  const source = inject('natsSource');
  if (source.kind === 'image') throw new Error('a nats-server in a container cannot have a small disk');
  return await guarded(async (guard) => {
    const disk = await mountSmallDisk(guard, sizeBytes);
    const server = await startNatsServer(guard, source.program, extraConfig, { storeFolder: disk.folder });
    return { ...server, disk, stop: guard.stop };
  });
}

async function guarded<Fixture>(start: (guard: Guard) => Promise<Fixture>): Promise<Fixture> {
  const guard = await startGuard('nats');
  try {
    return await start(guard);
  } catch (error) {
    await guard.stop();
    throw error;
  }
}
