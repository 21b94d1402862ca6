// Where the nats-servers and the Postgres of int specs come from: programs of this machine, or images. The only place that
// chooses; specs see no difference.
import { fileURLToPath } from 'node:url';
import { findProgram } from './programs.ts';
import { startNatsServer } from './servers/nats-server.ts';
import { startPostgres } from './servers/postgres-server.ts';
import type { Guard } from './servers/start-guard.ts';

/** What a nats-server of a spec's own is made of. */
export type NatsSource =
  | { readonly kind: 'program'; readonly program: string }
  /** `run` is the folder of the run's guard. */
  | { readonly kind: 'image'; readonly image: string; readonly run: string };

export interface ServerSource {
  readonly nats: NatsSource;
  /** Starts the one that all specs share. Returns its URL. */
  readonly startNats: () => Promise<string>;
  /** Starts the one that all specs share. Returns the URL of its superuser. */
  readonly startPostgres: () => Promise<string>;
}

/** The versions are those of the programs. */
const defaultImages = { nats: 'nats:2.15.2-alpine', postgres: 'postgres:18.4-alpine' };

/**
 * What `PODS_TEST_SERVERS` asks for: `programs`, unless it is `containers`. What it starts ends with the guard.
 * @throws Error that says what to do.
 */
export async function chooseServerSource(guard: Guard, environment: NodeJS.ProcessEnv): Promise<ServerSource> {
  const wanted = environment['PODS_TEST_SERVERS'] ?? 'programs';
  switch (wanted) {
    case 'programs':
      return await fromPrograms(guard);
    case 'containers':
      return await fromContainers(guard, {
        nats: environment['PODS_TEST_NATS_IMAGE'] ?? defaultImages.nats,
        postgres: environment['PODS_TEST_POSTGRES_IMAGE'] ?? defaultImages.postgres,
      });
    default:
      throw new Error(`PODS_TEST_SERVERS is "programs" or "containers", not "${wanted}"`);
  }
}

async function fromPrograms(guard: Guard): Promise<ServerSource> {
  const program = await findProgram('nats-server');
  return {
    nats: { kind: 'program', program },
    startNats: async () => (await startNatsServer(guard, program)).url,
    startPostgres: async () => await startPostgres(guard),
  };
}

async function fromContainers(guard: Guard, images: typeof defaultImages): Promise<ServerSource> {
  const [{ removeLeftoverContainers }, { startNatsContainer }, { startPostgresContainer }] = await Promise.all([
    import('./containers/engine.ts'),
    import('./containers/nats-container.ts'),
    import('./containers/postgres-container.ts'),
  ]);
  await removeLeftoverContainers();
  // Before there is any container, so that it covers each.
  guard.atEnd(process.execPath, [fileURLToPath(new URL('containers/remove.ts', import.meta.url)), guard.folder]);
  console.log(`specs: NATS from ${images.nats}, Postgres from ${images.postgres}`);
  return {
    nats: { kind: 'image', image: images.nats, run: guard.folder },
    startNats: async () => (await startNatsContainer(guard.folder, images.nats)).url,
    startPostgres: async () => await startPostgresContainer(guard.folder, images.postgres),
  };
}
