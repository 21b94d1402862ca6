// A throw-away Postgres in a container: fsync is off, everything else as `startPostgres` has it.
import { eventually } from '../eventually.ts';
import { freePort } from '../servers/free-port.ts';
import { ask, superuser } from '../servers/postgres-server.ts';
import { startContainer } from './engine.ts';

const innerPort = 5432;

/** Starts it. Returns the URL of its superuser. */
export async function startPostgresContainer(run: string, image: string): Promise<string> {
  const port = await freePort();
  const container = await startContainer({
    run,
    image,
    command: ['postgres', '-c', 'fsync=off', '-c', 'max_connections=200'],
    environment: {
      POSTGRES_USER: superuser.name,
      POSTGRES_PASSWORD: superuser.password,
      POSTGRES_INITDB_ARGS: '--no-sync --encoding=UTF8 --locale=C',
    },
    files: {},
    innerPort,
    port,
    readyMessage: /database system is ready to accept connections/,
  });
  const url = `postgres://${superuser.name}:${superuser.password}@${container.host}:${port}/postgres`;
  // Official images start a first time for their own set-up, which says that it is ready too but cannot be reached.
  await eventually(
    async () => {
      await container.assertRunning();
      await ask(url, 'select 1');
    },
    { timeoutMs: 30_000 },
  );
  return url;
}
